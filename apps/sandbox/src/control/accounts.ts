import express, { type Router } from "express";
import { z } from "zod";
import type { LinkOutcome, Network } from "../network/network.ts";
import { isWellFormed } from "../network/numbers.ts";
import { parse, Problem } from "./problem.ts";

const phoneSchema = z.string().refine(isWellFormed, "must be 8 to 15 digits, without the plus");

const linkSchema = z.strictObject({ code: z.string().min(1), phone: phoneSchema });

const banSchema = z.strictObject({
  kind: z.enum(["temporary", "permanent"]),
  reason: z.string().default("spam"),
  /** What becomes of a send: it resolves with an error, or it never gets an ack. */
  sends: z.enum(["error", "silent"]).default("error"),
});

const inboundSchema = z.strictObject({
  to: phoneSchema,
  from: phoneSchema,
  text: z.string().default(""),
  /** Of an upload to `/files`. */
  file: z
    .strictObject({ id: z.string(), type: z.enum(["image", "video", "audio", "ptt", "document", "sticker"]) })
    .optional(),
  name: z.string().optional(),
  twice: z.boolean().default(false),
  lid: z.boolean().default(false),
  lid_known: z.boolean().default(true),
});

const typedSchema = z.strictObject({ to: phoneSchema, text: z.string() });

const reasons = {
  unknown: { status: 404, detail: "No page shows this code." },
  gone: { status: 410, detail: "This code has rotated away: scan the one that is shown now." },
  banned: { status: 403, detail: "This account is banned for good." },
} as const;

function linked(outcome: LinkOutcome) {
  if (outcome.kind !== "linked") {
    const { status, detail } = reasons[outcome.kind];
    throw new Problem(status, `code_${outcome.kind}`, detail);
  }
  return { phone: outcome.session.phone, session_id: outcome.session.id };
}

/** Everything that a person does with the phone in hand. */
export function accountRoutes(network: Network): Router {
  const router = express.Router();
  router.post("/scan", (request, response) => {
    const { code, phone } = parse(linkSchema, request.body);
    response.json(linked(network.scan(code, phone)));
  });
  router.post("/pair", (request, response) => {
    const { code, phone } = parse(linkSchema, request.body);
    response.json(linked(network.pair(code, phone)));
  });
  router.get("/sessions", (_request, response) => {
    response.json(
      network.accounts.list().map((session) => ({
        phone: session.phone,
        linked_at: new Date(session.linkedAt).toISOString(),
        online: session.device !== null,
        session_id: session.id,
      })),
    );
  });
  router.post("/accounts/:phone/logout", (request, response) => {
    const account = network.accounts.get(request.params.phone);
    if (account === undefined) throw new Problem(404, "unknown_account", "There is no such account.");
    const sessions = [...account.sessions.values()];
    for (const session of sessions) network.logout(session, "unknown_companion");
    response.json({ logged_out: sessions.length });
  });
  router.post("/accounts/:phone/ban", (request, response) => {
    const ban = parse(banSchema, request.body);
    network.ban(parse(phoneSchema, request.params.phone), ban);
    response.json(ban);
  });
  router.post("/accounts/:phone/unban", (request, response) => {
    if (!network.unban(request.params.phone)) {
      throw new Problem(404, "unknown_account", "There is no such account.");
    }
    response.json({ banned: false });
  });
  router.post("/accounts/:phone/type", (request, response) => {
    const { to, text } = parse(typedSchema, request.body);
    const order = { from: to, text, own: true, twice: false, lid: false, lidKnown: true };
    const id = network.inbound(request.params.phone, order);
    if (id === null) throw new Problem(404, "unknown_account", "No session is linked to this account.");
    response.status(201).json({ id });
  });
  router.post("/inbound", (request, response) => {
    const { to, lid_known: lidKnown, ...order } = parse(inboundSchema, request.body);
    const id = network.inbound(to, { ...order, lidKnown });
    if (id === null) throw new Problem(404, "unknown_account", "No session is linked to this account.");
    response.status(201).json({ id });
  });
  return router;
}
