import express, { type Router } from "express";
import { z } from "zod";
import type { Network } from "../network/network.ts";
import { isWellFormed } from "../network/numbers.ts";
import { registrationSchema } from "../wablas/registration.ts";
import type { WablasApi } from "../wablas/wablas-api.ts";
import type { WablasDevice } from "../wablas/wablas-device.ts";
import { parse, Problem } from "./problem.ts";

const tokenSchema = z
  .string()
  .regex(/^[\w.-]{1,200}$/, "must be letters, digits, dots, dashes and underscores");
const object = z.record(z.string(), z.unknown());
const inboundSchema = z
  .strictObject({
    from: z.string().refine(isWellFormed, "must be 8 to 15 digits, without the plus"),
    name: z.string().default("Someone"),
    message: z.string().default(""),
    /** Id of an upload to `/files`. */
    file: z.string().optional(),
    message_type: z.enum(["text", "image", "video", "audio", "document", "location"]).default("text"),
  })
  .transform(({ message_type: messageType, ...inbound }) => ({ ...inbound, messageType }));

const shown = ({ token, serial, registration, quota, counts }: WablasDevice) => ({
  token,
  device_id: serial,
  ...registration,
  quota,
  ...counts,
});

/** The devices that Wablas knows, and what their customers do. */
export function wablasRoutes({ devices }: WablasApi, network: Network): Router {
  const router = express.Router();
  const found = (token: string): WablasDevice => {
    const device = devices.get(token);
    if (device === undefined) throw new Problem(404, "unknown_device", "There is no device with this token.");
    return device;
  };
  router.get("/wablas/devices", (_request, response) => {
    response.json(devices.list().map(shown));
  });
  router.get("/wablas/devices/:token", (request, response) => {
    response.json(shown(found(request.params.token)));
  });
  router.put("/wablas/devices/:token", (request, response) => {
    const token = parse(tokenSchema, request.params.token);
    parse(registrationSchema, request.body);
    response.json(shown(devices.put(token, parse(object, request.body))));
  });
  router.delete("/wablas/devices/:token", (request, response) => {
    found(request.params.token);
    devices.remove(request.params.token);
    response.sendStatus(204);
  });
  router.post("/wablas/devices/:token/inbound", (request, response) => {
    const device = found(request.params.token);
    const { file, ...inbound } = parse(inboundSchema, request.body);
    const facts = file === undefined ? undefined : network.files.facts(file);
    const url = facts && `http://${request.get("host") ?? ""}/files/${facts.id}`;
    response.status(201).json({ id: device.hear({ ...inbound, url, mimeType: facts?.content_type }) });
  });
  return router;
}
