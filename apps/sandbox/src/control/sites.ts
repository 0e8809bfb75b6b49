import express, { type Router } from "express";
import type { SiteServer } from "../sites/site-server.ts";

/** What the sample websites were asked for. */
export function siteRoutes(sites: SiteServer): Router {
  const router = express.Router();
  router.get("/sites", (_request, response) => {
    response.json(sites.visits);
  });
  router.delete("/sites", (_request, response) => {
    sites.forget();
    response.sendStatus(204);
  });
  return router;
}
