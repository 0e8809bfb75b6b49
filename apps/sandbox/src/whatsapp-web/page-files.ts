import { fileURLToPath } from "node:url";
import express, { type Router } from "express";
import { toString as qrToString } from "qrcode";

// The browser's code is not compiled: it lies beside src and dist, at the same distance from both.
const pageFolder = fileURLToPath(new URL("../../page/", import.meta.url));

/** The WhatsApp Web page at `/`, its scripts, and the picture of a QR for whoever looks at the page. */
export function pageFiles(): Router {
  const router = express.Router();
  router.get("/", (_request, response) => {
    response.set("cache-control", "no-store").sendFile("index.html", { root: pageFolder });
  });
  router.use("/page", express.static(pageFolder, { index: false }));
  router.get("/qr.svg", async (request, response) => {
    const code = request.query["code"];
    if (typeof code !== "string" || code === "" || code.length > 1_000) {
      response.sendStatus(400);
      return;
    }
    const svg = await qrToString(code, { type: "svg", margin: 1 });
    response.set("cache-control", "no-store").type("image/svg+xml").send(svg);
  });
  return router;
}
