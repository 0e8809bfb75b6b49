import {
  devicePoolSchema,
  devicePoolWriteSchema,
  pageOf,
  pageQuery,
  queryIdSchema,
  type DevicePoolWrite,
} from "@pregonero/contracts";
import {
  deletePool,
  findPool,
  isUniqueViolation,
  listPools,
  transaction,
  writeAudit,
  writePool,
  type Database,
  type Transaction,
} from "@pregonero/db";
import { z } from "zod";
import { jsonBody } from "../http/body.ts";
import { createOnce } from "../http/idempotency.ts";
import { ApiProblem, notFound } from "../http/problem.ts";
import { defineRoute, reply, type Route } from "../http/route.ts";
import { resolveSenders } from "../intake/senders.ts";

export interface PoolDeps {
  readonly db: Database;
}

const tag = "Devices";
const path = "/api/v1/device-pools/{id}";
const params = z.object({ id: queryIdSchema });
const noSuchPool = (id: number): ApiProblem => notFound(`device pool with the id ${id}`);

export function poolRoutes(deps: PoolDeps): Route[] {
  return [createRoute(deps), listRoute(deps), getRoute(deps), replaceRoute(deps), deleteRoute(deps)];
}

async function write(tx: Transaction, tenantId: number, body: DevicePoolWrite, id?: number) {
  const deviceIds = (await resolveSenders(tx, tenantId, { deviceIds: body.device_ids })) ?? [];
  const request = { name: body.name, device_ids: [...deviceIds] };
  return await writePool(tx, tenantId, request, id).catch((error: unknown) => {
    if (isUniqueViolation(error))
      throw new ApiProblem("name_taken", `There is a pool called "${body.name}" already.`);
    throw error;
  });
}

function createRoute({ db }: PoolDeps): Route {
  return defineRoute({
    method: "post",
    path: "/api/v1/device-pools",
    tag,
    summary: "Create a pool of devices",
    role: "operator",
    body: jsonBody(devicePoolWriteSchema),
    idempotent: true,
    responses: { 201: devicePoolSchema },
    problems: ["name_taken", "unknown_device"],
    handler: async ({ principal, body, idempotency }) =>
      await createOnce(db, { tenantId: principal.tenantId, idempotency }, async (tx) => {
        const made = await write(tx, principal.tenantId, body);
        if (!made) throw new Error("the pool that was just made is not there");
        await writeAudit(tx, principal, { action: "pool.create", subject: `pool:${made.id}` });
        return { made, reply: reply(201, made) };
      }),
  });
}

function listRoute({ db }: PoolDeps): Route {
  return defineRoute({
    method: "get",
    path: "/api/v1/device-pools",
    tag,
    summary: "List pools of devices",
    role: "viewer",
    query: pageQuery({}),
    responses: { 200: pageOf(devicePoolSchema) },
    handler: async ({ principal, query }) => reply(200, await listPools(db, principal.tenantId, query)),
  });
}

function getRoute({ db }: PoolDeps): Route {
  return defineRoute({
    method: "get",
    path,
    tag,
    summary: "Get a pool of devices",
    role: "viewer",
    params,
    responses: { 200: devicePoolSchema },
    handler: async ({ principal, params: { id } }) => {
      const pool = await findPool(db.pool, principal.tenantId, id);
      if (!pool) throw noSuchPool(id);
      return reply(200, pool);
    },
  });
}

function replaceRoute({ db }: PoolDeps): Route {
  return defineRoute({
    method: "put",
    path,
    tag,
    summary: "Change the name and the members of a pool",
    description: "Jobs that run keep the devices that they started with.",
    role: "operator",
    params,
    body: jsonBody(devicePoolWriteSchema),
    responses: { 200: devicePoolSchema },
    problems: ["name_taken", "unknown_device"],
    handler: async ({ principal, params: { id }, body }) => {
      const pool = await transaction(db, async (tx) => {
        const changed = await write(tx, principal.tenantId, body, id);
        if (!changed) throw noSuchPool(id);
        await writeAudit(tx, principal, { action: "pool.change", subject: `pool:${id}` });
        return changed;
      });
      return reply(200, pool);
    },
  });
}

function deleteRoute({ db }: PoolDeps): Route {
  return defineRoute({
    method: "delete",
    path,
    tag,
    summary: "Delete a pool",
    description: "Its devices stay.",
    role: "operator",
    params,
    responses: { 204: null },
    handler: async ({ principal, params: { id } }) => {
      await transaction(db, async (tx) => {
        if (!(await deletePool(tx, principal.tenantId, id))) throw noSuchPool(id);
        await writeAudit(tx, principal, { action: "pool.delete", subject: `pool:${id}` });
      });
      return reply(204, null);
    },
  });
}
