import express, { type Router } from "express";
import { z } from "zod";
import { faultPatchSchema } from "../network/fault-settings.ts";
import type { Network } from "../network/network.ts";
import type { PageServer } from "../whatsapp-web/page-server.ts";
import { invalid, parse, Problem } from "./problem.ts";

const hangSchema = z.strictObject({ ms: z.number().int().min(1).max(600_000) });

/** The knobs of one gateway, as the control API turns them. */
interface GatewayKnobs {
  readonly settings: unknown;
  /** @throws z.ZodError when the change is not valid. */
  plan(patch: unknown): unknown;
  apply(patch: unknown): unknown;
  reset(): unknown;
}

interface FaultParts {
  readonly network: Network;
  readonly pages: PageServer;
  /** By the key under which they stand. */
  readonly gateways: Readonly<Record<string, GatewayKnobs>>;
}

/** Turns the knobs that a change names: all of them, or none when any of it is not valid. */
function change({ network, gateways }: FaultParts, patch: Readonly<Record<string, unknown>>): void {
  const ofGateways = Object.entries(gateways).filter(([key]) => key in patch);
  for (const [key, knobs] of ofGateways) knobs.plan(patch[key]);
  const ofNetwork = Object.entries(patch).filter(([key]) => !(key in gateways));
  network.faults.merge(Object.fromEntries(ofNetwork));
  for (const [key, knobs] of ofGateways) knobs.apply(patch[key]);
}

/** The knobs, and the mishaps that befall one page. */
export function faultRoutes(parts: FaultParts): Router {
  const { network, pages, gateways } = parts;
  const router = express.Router();
  const shown = () => ({
    ...network.faults.settings,
    ...Object.fromEntries(Object.entries(gateways).map(([key, { settings }]) => [key, settings])),
  });
  router.get("/faults", (_request, response) => {
    response.json(shown());
  });
  router.put("/faults", (request, response) => {
    const patch = parse(faultPatchSchema, request.body);
    try {
      change(parts, patch);
    } catch (error) {
      throw error instanceof z.ZodError ? invalid(error) : error;
    }
    pages.settingsChanged();
    response.json(shown());
  });
  router.delete("/faults", (_request, response) => {
    network.faults.reset();
    for (const knobs of Object.values(gateways)) knobs.reset();
    pages.settingsChanged();
    response.json(shown());
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
