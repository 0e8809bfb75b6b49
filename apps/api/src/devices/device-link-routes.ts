import {
  deviceCommandSchema,
  deviceLinkAnswerSchema,
  deviceLinkSchema,
  deviceQrSchema,
  deviceSchema,
  type Device,
  type DeviceLinkAnswer,
} from "@pregonero/contracts";
import {
  findCommand,
  findDevice,
  forgetLink,
  isHeld,
  readQr,
  requestLink,
  transaction,
  writeAudit,
  type Actor,
  type Database,
} from "@pregonero/db";
import { toString as drawQr } from "qrcode";
import { z } from "zod";
import type { Announcer } from "../events/announcer.ts";
import { jsonBody } from "../http/body.ts";
import { ApiProblem, notFound } from "../http/problem.ts";
import { defineRoute, reply, type Route } from "../http/route.ts";
import { validPhones } from "../intake/valid-phones.ts";
import type { CommandDesk, Waiting } from "./command-desk.ts";
import { deviceParams, noSuchDevice } from "./device-routes.ts";

export interface DeviceLinkDeps {
  readonly db: Database;
  readonly announcer: Announcer;
  readonly commands: CommandDesk;
  readonly pairingTimeoutMs: number;
  readonly country: string | undefined;
}

const tag = "Devices";
/** WhatsApp shows each QR for about 20 s, the first for 60 s. */
const qrLifeMs = 20_000;

export function deviceLinkRoutes(deps: DeviceLinkDeps): Route[] {
  return [linkRoute(deps), qrRoute(deps), unlinkRoute(deps), commandRoute(deps)];
}

function linkRoute(deps: DeviceLinkDeps): Route {
  return defineRoute({
    method: "post",
    path: "/api/v1/devices/{id}/link",
    tag,
    summary: "Link the device to a number, by QR or pairing code",
    description:
      "By QR: a worker opens WhatsApp Web, and the code appears at `/qr` (and as an event). By code: answers with the code to type on the phone.",
    role: "operator",
    params: deviceParams,
    body: jsonBody(deviceLinkSchema),
    responses: { 200: deviceLinkAnswerSchema, 202: deviceLinkAnswerSchema },
    problems: ["conflict", "worker_timeout"],
    handler: async ({ principal, params: { id }, body, context }) => {
      const phone =
        body.method === "code" ? validPhones([body.phone], deps.country, () => "phone")[0] : undefined;
      const device = await wantLink(deps, principal, id);
      if (phone === undefined) return reply(202, { method: "qr" as const, code: null, device });
      const waiting = { forMs: deps.pairingTimeoutMs, gone: context.gone };
      return reply(200, await pair(deps, principal, { device, phone, waiting }));
    },
  });
}

async function wantLink({ db, announcer }: DeviceLinkDeps, who: Actor, id: number): Promise<Device> {
  const device = await transaction(db, async (tx) => {
    const before = await findDevice(tx, who.tenantId, id);
    if (!before) throw noSuchDevice(id);
    if (before.kind !== "whatsapp_web") {
      throw new ApiProblem(
        "conflict",
        "A device of this kind is linked by its credentials, not by QR or code.",
      );
    }
    if (before.linked && before.state === "connected") {
      throw new ApiProblem(
        "conflict",
        "The device is linked already. Unlink it first to link another number.",
      );
    }
    await requestLink(tx, who.tenantId, id);
    await writeAudit(tx, who, { action: "device.link", subject: `device:${id}` });
    return (await findDevice(tx, who.tenantId, id)) ?? before;
  });
  announcer.deviceNeedsLook(id);
  return device;
}

async function pair(
  { db, commands }: DeviceLinkDeps,
  who: Actor,
  request: { device: Device; phone: string; waiting: Waiting },
): Promise<DeviceLinkAnswer> {
  const { device, phone, waiting } = request;
  const id = await commands.ask(who, { deviceId: device.id, kind: "pairing_code", params: { phone } });
  const { command, result } = await commands.settle(id, waiting);
  if (command.status === "failed") {
    throw new ApiProblem("conflict", `WhatsApp gave no pairing code: ${command.error ?? "no reason given"}.`);
  }
  const code = pairingResultSchema.safeParse(result).data?.code;
  if (code === undefined) {
    await commands.abandon(id);
    const seconds = Math.round(waiting.forMs / 1_000);
    throw new ApiProblem(
      "worker_timeout",
      `No worker answered within ${seconds} s. Check that one is running and has a slot free.`,
    );
  }
  return { method: "code", code, device: (await findDevice(db.pool, who.tenantId, device.id)) ?? device };
}

/** What the worker answers. */
const pairingResultSchema = z.object({ code: z.string().min(1) });

function qrRoute({ db }: DeviceLinkDeps): Route {
  return defineRoute({
    method: "get",
    path: "/api/v1/devices/{id}/qr",
    tag,
    summary: "Get the QR code that links the device",
    description: "404 until there is one; WhatsApp replaces it about three times a minute.",
    role: "operator",
    params: deviceParams,
    responses: { 200: deviceQrSchema },
    problems: ["conflict"],
    handler: async ({ principal, params: { id } }) => {
      const device = await findDevice(db.pool, principal.tenantId, id);
      if (!device) throw noSuchDevice(id);
      if (device.state === "connected")
        throw new ApiProblem("conflict", "The device is linked; it has no QR code.");
      const qr = await readQr(db.pool, id);
      if (!qr)
        throw notFound("QR code at the moment; ask for one with POST …/link and look again in a few seconds");
      const svg = await drawQr(qr.code, { type: "svg", margin: 2 });
      return reply(200, {
        code: qr.code,
        svg,
        data_url: `data:image/svg+xml;base64,${Buffer.from(svg).toString("base64")}`,
        shown_at: qr.shownAt.toISOString(),
        expires_at: new Date(qr.shownAt.getTime() + qrLifeMs).toISOString(),
      });
    },
  });
}

function unlinkRoute({ db, announcer, commands }: DeviceLinkDeps): Route {
  return defineRoute({
    method: "post",
    path: "/api/v1/devices/{id}/unlink",
    tag,
    summary: "Sign the device out",
    description: "202 while the worker that holds it does so; at once when none holds it.",
    role: "operator",
    params: deviceParams,
    responses: { 200: deviceSchema, 202: deviceSchema },
    handler: async ({ principal, params: { id } }) => {
      const device = await findDevice(db.pool, principal.tenantId, id);
      if (!device) throw noSuchDevice(id);
      if (await isHeld(db.pool, id)) {
        await commands.ask(principal, { deviceId: id, kind: "logout" });
        return reply(202, device);
      }
      const forgotten = await transaction(db, async (tx) => {
        await forgetLink(tx, id);
        await writeAudit(tx, principal, { action: "device.unlink", subject: `device:${id}` });
        return (await findDevice(tx, principal.tenantId, id)) ?? device;
      });
      announcer.deviceChanged(principal.tenantId, summaryOf(forgotten, principal.tenantId));
      return reply(200, forgotten);
    },
  });
}

function summaryOf({ id, state, state_reason, phone }: Device, tenantId: number) {
  return { id, tenantId, state, reason: state_reason, phone, qr: null };
}

function commandRoute({ db }: DeviceLinkDeps): Route {
  return defineRoute({
    method: "get",
    path: "/api/v1/devices/{id}/commands/{command_id}",
    tag,
    summary: "See what became of something that was asked of a device's worker",
    role: "operator",
    params: deviceParams.extend({ command_id: z.uuid() }),
    responses: { 200: deviceCommandSchema },
    handler: async ({ principal, params: { id, command_id } }) => {
      const device = await findDevice(db.pool, principal.tenantId, id);
      const found = device && (await findCommand(db.pool, command_id));
      if (found?.command.device_id !== id) throw notFound("such command");
      return reply(200, found.command);
    },
  });
}
