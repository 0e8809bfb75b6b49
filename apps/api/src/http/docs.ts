import { Router, static as serveFiles } from "express";
import absolutePath from "swagger-ui-dist/absolute-path.js";

const page = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Pregonero API</title>
    <link rel="stylesheet" href="/docs/assets/swagger-ui.css" />
    <link rel="icon" href="/docs/assets/favicon-32x32.png" />
  </head>
  <body>
    <div id="api"></div>
    <script src="/docs/assets/swagger-ui-bundle.js"></script>
    <script src="/docs/start.js"></script>
  </body>
</html>
`;

/** A file of its own: the Content-Security-Policy allows no script within a page. */
const start = `SwaggerUIBundle({ url: "/openapi.json", dom_id: "#api", deepLinking: true, persistAuthorization: false });\n`;

const cacheMs = 86_400_000;

export interface Documents {
  readonly openApi: object;
  /** Of the WebSockets. */
  readonly asyncApi: object;
}

/**
 * `/openapi.json`, `/asyncapi.json`, and `/docs`, where the former can be read and tried out. Everything it needs is served
 * from here.
 */
export function createDocs({ openApi, asyncApi }: Documents): Router {
  const router = Router();
  router.get("/openapi.json", (_req, res) => void res.json(openApi));
  router.get("/asyncapi.json", (_req, res) => void res.json(asyncApi));
  router.get("/docs", (_req, res) => void res.type("html").send(page));
  router.get("/docs/start.js", (_req, res) => void res.type("js").send(start));
  router.use("/docs/assets", serveFiles(absolutePath(), { index: false, maxAge: cacheMs }));
  return router;
}
