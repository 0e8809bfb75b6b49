import express, { type Router } from "express";
import { z } from "zod";
import type { CloudAccount } from "../cloud-api/cloud-account.ts";
import type { CloudApi } from "../cloud-api/cloud-api.ts";
import { shakeHands } from "../cloud-api/handshake.ts";
import { inboundSchema, receiveInbound } from "../cloud-api/inbound.ts";
import { registrationSchema } from "../cloud-api/registration.ts";
import { parse, Problem } from "./problem.ts";

const phoneNumberId = z.string().regex(/^\w{1,64}$/, "must be letters and digits");
const object = z.record(z.string(), z.unknown());
const handshakeSchema = z.strictObject({
  /** Default: the account's webhook and its token. */
  url: z.url({ protocol: /^https?$/ }).optional(),
  verify_token: z.string().optional(),
});

const shown = ({ id, registration, counts }: CloudAccount) => ({
  phone_number_id: id,
  ...registration,
  ...counts,
});

/** The numbers that the Cloud API knows, and what their customers do. */
export function cloudRoutes({ accounts }: CloudApi): Router {
  const router = express.Router();
  const found = (id: string): CloudAccount => {
    const account = accounts.get(id);
    if (account === undefined) throw new Problem(404, "unknown_account", "There is no such phone number id.");
    return account;
  };
  router.get("/cloud/accounts", (_request, response) => {
    response.json(accounts.list().map(shown));
  });
  router.get("/cloud/accounts/:id", (request, response) => {
    response.json(shown(found(request.params.id)));
  });
  router.put("/cloud/accounts/:id", (request, response) => {
    const id = parse(phoneNumberId, request.params.id);
    parse(registrationSchema, request.body);
    response.json(shown(accounts.put(id, parse(object, request.body))));
  });
  router.delete("/cloud/accounts/:id", (request, response) => {
    found(request.params.id);
    accounts.remove(request.params.id);
    response.sendStatus(204);
  });
  router.post("/cloud/accounts/:id/inbound", (request, response) => {
    const account = found(request.params.id);
    response.status(201).json({ id: receiveInbound(account, parse(inboundSchema, request.body)) });
  });
  router.post("/cloud/accounts/:id/handshake", async (request, response) => {
    const { registration } = found(request.params.id);
    const { url = registration.webhook_url, verify_token } = parse(handshakeSchema, request.body ?? {});
    if (url === null) throw new Problem(409, "no_webhook", "The account has no webhook_url.");
    response.json(await shakeHands(url, verify_token ?? registration.verify_token));
  });
  return router;
}
