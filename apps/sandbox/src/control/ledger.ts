import express, { type Router } from "express";
import { z } from "zod";
import type { Arrival } from "../network/ledger.ts";
import type { Network } from "../network/network.ts";
import { parse } from "./problem.ts";

const querySchema = z.strictObject({
  phone: z.string().optional(),
  message_id: z.string().optional(),
  /** ISO 8601, or ms since 1970. */
  since: z
    .union([z.iso.datetime({ offset: true }).transform((text) => Date.parse(text)), z.coerce.number().int()])
    .optional(),
  after: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(0).max(100_000).default(100),
});

const shown = (arrival: Arrival) => ({
  seq: arrival.seq,
  to: arrival.to,
  from_account: arrival.fromAccount,
  message_id: arrival.messageId,
  text: arrival.text,
  ...(arrival.file === undefined ? {} : { file: arrival.file }),
  at: new Date(arrival.at).toISOString(),
  copies: arrival.copies,
});

/** What arrived at the recipients' phones: the truth that everything else is measured against. */
export function ledgerRoutes(network: Network): Router {
  const router = express.Router();
  router.get("/ledger", (request, response) => {
    const { phone, message_id, since, after, limit } = parse(querySchema, request.query);
    const { total, entries } = network.ledger.list({ phone, messageId: message_id, since, after, limit });
    response.json({ total, entries: entries.map(shown) });
  });
  router.get("/ledger/summary", (_request, response) => {
    response.json(network.ledger.summary());
  });
  router.get("/seen", (_request, response) => {
    response.json({ entries: network.seen });
  });
  router.delete("/ledger", (_request, response) => {
    network.clearLedger();
    response.sendStatus(204);
  });
  return router;
}
