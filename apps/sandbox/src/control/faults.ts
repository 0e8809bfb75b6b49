import express, { type Router } from "express";
import { z } from "zod";
import { faultPatchSchema } from "../network/fault-settings.ts";
import type { Network } from "../network/network.ts";
import type { PageServer } from "../whatsapp-web/page-server.ts";
import { invalid, parse, Problem } from "./problem.ts";

const hangSchema = z.strictObject({ ms: z.number().int().min(1).max(600_000) });

/** The knobs, and the mishaps that befall one page. */
export function faultRoutes(network: Network, pages: PageServer): Router {
  const router = express.Router();
  router.get("/faults", (_request, response) => {
    response.json(network.faults.settings);
  });
  router.put("/faults", (request, response) => {
    const patch = parse(faultPatchSchema, request.body);
    try {
      response.json(network.faults.merge(patch));
    } catch (error) {
      throw error instanceof z.ZodError ? invalid(error) : error;
    }
    pages.settingsChanged();
  });
  router.delete("/faults", (_request, response) => {
    response.json(network.faults.reset());
    pages.settingsChanged();
  });

  const found = (sessionOrPhone: string) => {
    const connections = pages.find(sessionOrPhone);
    if (connections.length === 0) throw new Problem(404, "unknown_page", "No page is connected for it.");
    return connections;
  };
  router.post("/pages/:page/drop", (request, response) => {
    const connections = found(request.params.page);
    for (const connection of connections) connection.drop();
    response.json({ pages: connections.length });
  });
  router.post("/pages/:page/hang", (request, response) => {
    const { ms } = parse(hangSchema, request.body);
    const connections = found(request.params.page);
    for (const connection of connections) connection.hang(ms);
    response.json({ pages: connections.length });
  });
  return router;
}
