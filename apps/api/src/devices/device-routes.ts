import {
  deviceCreateSchema,
  devicePatchSchema,
  deviceSchema,
  pageOf,
  pageQuery,
  queryIdSchema,
} from "@pregonero/contracts";
import {
  countJobsOnlyOn,
  createCommand,
  createDevice,
  deleteDevice,
  DeviceNameTaken,
  findDevice,
  isHeld,
  listDevices,
  patchDevice,
  transaction,
  writeAudit,
  type Database,
} from "@pregonero/db";
import type { OutboundGuard } from "@pregonero/outbound";
import { z } from "zod";
import type { Announcer } from "../events/announcer.ts";
import { jsonBody } from "../http/body.ts";
import { createOnce } from "../http/idempotency.ts";
import { admitAddress } from "../http/given-address.ts";
import { ApiProblem, notFound } from "../http/problem.ts";
import { defineRoute, reply, type Route } from "../http/route.ts";

export interface DeviceDeps {
  readonly db: Database;
  readonly announcer: Announcer;
  /** What a device's own address must pass. */
  readonly outbound: Pick<OutboundGuard, "checkUrl" | "resolve">;
}

const tag = "Devices";
const path = "/api/v1/devices/{id}";
export const deviceParams = z.object({ id: queryIdSchema });

export const noSuchDevice = (id: number): ApiProblem => notFound(`device with the id ${id}`);

export function deviceRoutes(deps: DeviceDeps): Route[] {
  return [createRoute(deps), listRoute(deps), getRoute(deps), patchRoute(deps), deleteRoute(deps)];
}

function nameTaken(error: unknown): never {
  if (!(error instanceof DeviceNameTaken)) throw error;
  throw new ApiProblem("name_taken", `There is a device called "${error.message}" already.`);
}

function createRoute({ db, outbound }: DeviceDeps): Route {
  return defineRoute({
    method: "post",
    path: "/api/v1/devices",
    tag,
    summary: "Create a device",
    description: "It sends once it is linked to a number.",
    role: "operator",
    body: jsonBody(deviceCreateSchema),
    idempotent: true,
    responses: { 201: deviceSchema },
    problems: ["name_taken"],
    handler: async ({ principal, body, idempotency }) => {
      if (body.url) await admitAddress(outbound, body.url, "url");
      return await createOnce(db, { tenantId: principal.tenantId, idempotency }, async (tx) => {
        const made = await createDevice(tx, principal.tenantId, body).catch(nameTaken);
        await writeAudit(tx, principal, { action: "device.create", subject: `device:${made.id}` });
        return { made, reply: reply(201, made) };
      });
    },
  });
}

function listRoute({ db }: DeviceDeps): Route {
  return defineRoute({
    method: "get",
    path: "/api/v1/devices",
    tag,
    summary: "List devices",
    role: "viewer",
    query: pageQuery({}),
    responses: { 200: pageOf(deviceSchema) },
    handler: async ({ principal, query }) => reply(200, await listDevices(db, principal.tenantId, query)),
  });
}

function getRoute({ db }: DeviceDeps): Route {
  return defineRoute({
    method: "get",
    path,
    tag,
    summary: "Get a device",
    role: "viewer",
    params: deviceParams,
    responses: { 200: deviceSchema },
    handler: async ({ principal, params: { id } }) => {
      const device = await findDevice(db.pool, principal.tenantId, id);
      if (!device) throw noSuchDevice(id);
      return reply(200, device);
    },
  });
}

function patchRoute({ db, announcer, outbound }: DeviceDeps): Route {
  return defineRoute({
    method: "patch",
    path,
    tag,
    summary: "Change a device's name, address or pace",
    role: "operator",
    params: deviceParams,
    body: jsonBody(devicePatchSchema),
    responses: { 200: deviceSchema },
    problems: ["name_taken"],
    handler: async ({ principal, params: { id }, body }) => {
      if (body.url) await admitAddress(outbound, body.url, "url");
      const device = await transaction(db, async (tx) => {
        const changed = await patchDevice(tx, principal.tenantId, id, body).catch(nameTaken);
        if (!changed) throw noSuchDevice(id);
        const detail = { changed: Object.keys(body) };
        await writeAudit(tx, principal, { action: "device.change", subject: `device:${id}`, detail });
        return changed;
      });
      announcer.deviceNeedsLook(id);
      return reply(200, device);
    },
  });
}

function deleteRoute({ db, announcer }: DeviceDeps): Route {
  return defineRoute({
    method: "delete",
    path,
    tag,
    summary: "Delete a device",
    description: "It is signed out. What it sent stays in the history.",
    role: "operator",
    params: deviceParams,
    responses: { 204: null },
    problems: ["conflict"],
    handler: async ({ principal, params: { id } }) => {
      await transaction(db, async (tx) => {
        if (!(await findDevice(tx, principal.tenantId, id))) throw noSuchDevice(id);
        const jobs = await countJobsOnlyOn(tx, id);
        if (jobs > 0) {
          const count = jobs === 1 ? "An unfinished job" : `${jobs} unfinished jobs`;
          throw new ApiProblem(
            "conflict",
            `${count} can be sent by this device alone. Cancel or finish that first.`,
          );
        }
        if (await isHeld(tx, id)) await createCommand(tx, { deviceId: id, kind: "logout" });
        await deleteDevice(tx, principal.tenantId, id);
        await writeAudit(tx, principal, { action: "device.delete", subject: `device:${id}` });
      });
      announcer.deviceNeedsLook(id);
      return reply(204, null);
    },
  });
}
