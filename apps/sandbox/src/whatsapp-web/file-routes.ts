import express, { type Router } from "express";
import type { FileShelf } from "../network/files.ts";

/** Where pages upload and fetch the files of messages; tests put those there that "somebody" sends. */
export function fileRoutes(files: FileShelf): Router {
  const router = express.Router();
  router.post("/files", express.raw({ type: () => true, limit: "40mb" }), (request, response) => {
    const content: unknown = request.body;
    const contentType = request.get("content-type") ?? "application/octet-stream";
    const filename = typeof request.query["filename"] === "string" ? request.query["filename"] : null;
    response
      .status(201)
      .json(files.put(Buffer.isBuffer(content) ? content : Buffer.alloc(0), { contentType, filename }));
  });
  router.get("/files/:id", (request, response) => {
    const file = files.get(request.params.id);
    if (file === undefined) response.sendStatus(404);
    else response.set("content-type", file.content_type).send(file.content);
  });
  return router;
}
