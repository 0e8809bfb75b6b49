import {
  browserContextCreateSchema,
  browserContextPatchSchema,
  browserContextSchema,
  browserContextStatusSchema,
  contextCommandAnswerSchema,
  pageOf,
  pageQuery,
  queryIdSchema,
  type BrowserContext,
  type ContextCommandAnswer,
} from "@pregonero/contracts";
import {
  findBrowserContext,
  findDevice,
  isHeld,
  listBrowserContexts,
  overwriteContextStatus,
  requestLink,
  transaction,
  writeAudit,
  type Actor,
  type Database,
} from "@pregonero/db";
import { monotonicMs, sleep } from "@pregonero/runtime";
import { z } from "zod";
import { hasEnded, type CommandDesk, type CommandOrder } from "../devices/command-desk.ts";
import type { Announcer } from "../events/announcer.ts";
import { jsonBody } from "../http/body.ts";
import { ApiProblem, notFound } from "../http/problem.ts";
import { defineRoute, reply, type Route } from "../http/route.ts";

export interface BrowserContextDeps {
  readonly db: Database;
  readonly announcer: Announcer;
  readonly commands: CommandDesk;
  /** How long a request waits for a worker before it answers 202. */
  readonly waitMs: number;
}

const tag = "Browser contexts";
const path = "/api/v1/browser-contexts/{device_id}";
const params = z.object({ device_id: queryIdSchema });
const pollMs = 200;

/** Contexts are addressed by their device: their own ids never leave the server side. */
export function browserContextRoutes(deps: BrowserContextDeps): Route[] {
  return [
    listRoute(deps),
    createRoute(deps),
    getRoute(deps),
    statusRoute(deps),
    commandRoute(
      deps,
      "restart",
      "restart_context",
      "Restart a context: its browser is closed and opened again",
    ),
    commandRoute(deps, "close", "close_context", "Close a context; the session stays on disk"),
  ];
}

function listRoute({ db }: BrowserContextDeps): Route {
  return defineRoute({
    method: "get",
    path: "/api/v1/browser-contexts",
    tag,
    summary: "List the browser contexts, one per device",
    role: "viewer",
    query: pageQuery({ status: browserContextStatusSchema.optional(), device_id: queryIdSchema.optional() }),
    responses: { 200: pageOf(browserContextSchema) },
    handler: async ({ principal, query: { status, device_id: deviceId, limit, cursor } }) =>
      reply(200, await listBrowserContexts(db, principal.tenantId, { status, deviceId, limit, cursor })),
  });
}

function getRoute({ db }: BrowserContextDeps): Route {
  return defineRoute({
    method: "get",
    path,
    tag,
    summary: "Get the browser context of a device",
    role: "viewer",
    params,
    responses: { 200: browserContextSchema },
    handler: async ({ principal, params: { device_id: id } }) => {
      const context = await findBrowserContext(db.pool, principal.tenantId, id);
      if (!context) throw notFound(`browser context of a device with the id ${id}`);
      return reply(200, context);
    },
  });
}

function createRoute({ db, announcer, waitMs }: BrowserContextDeps): Route {
  return defineRoute({
    method: "post",
    path: "/api/v1/browser-contexts",
    tag,
    summary: "Open a browser context for a device",
    description:
      "201 when a worker has opened it, 202 when that takes longer: it will, as soon as one has a slot free.",
    role: "operator",
    body: jsonBody(browserContextCreateSchema),
    responses: { 201: contextCommandAnswerSchema, 202: contextCommandAnswerSchema },
    problems: ["unknown_device"],
    handler: async ({ principal, body: { device_id: id }, context }) => {
      await transaction(db, async (tx) => {
        if (!(await requestLink(tx, principal.tenantId, id))) {
          throw new ApiProblem("unknown_device", `There is no device with the id ${id}.`);
        }
        await writeAudit(tx, principal, { action: "context.open", subject: `device:${id}` });
      });
      announcer.deviceNeedsLook(id);
      const opened = await waitForOpen(db, principal, { deviceId: id, forMs: waitMs, gone: context.gone });
      return reply(opened ? 201 : 202, { command: null, context: opened });
    },
  });
}

async function waitForOpen(
  db: Database,
  who: Actor,
  waiting: { deviceId: number; forMs: number; gone: AbortSignal },
): Promise<BrowserContext | null> {
  const deadline = monotonicMs() + waiting.forMs;
  for (;;) {
    const context = await findBrowserContext(db.pool, who.tenantId, waiting.deviceId);
    if (context && context.status !== "closed") return context;
    if (monotonicMs() >= deadline || !(await sleep(pollMs, waiting.gone))) return null;
  }
}

function statusRoute(deps: BrowserContextDeps): Route {
  return defineRoute({
    method: "patch",
    path,
    tag,
    summary: "Change the status of a browser context",
    description: "By the worker that hosts it when there is one, else in the books alone.",
    role: "admin",
    params,
    body: jsonBody(browserContextPatchSchema),
    responses: { 200: contextCommandAnswerSchema, 202: contextCommandAnswerSchema },
    problems: ["conflict"],
    handler: async ({ principal, params: { device_id: id }, body: { status }, context }) => {
      await openContext(deps, principal, id);
      if (!(await isHeld(deps.db.pool, id))) {
        await transaction(deps.db, async (tx) => {
          await overwriteContextStatus(tx, id, status);
          await writeAudit(tx, principal, {
            action: "context.status",
            subject: `device:${id}`,
            detail: { status },
          });
        });
        const after = await findBrowserContext(deps.db.pool, principal.tenantId, id);
        return reply(200, { command: null, context: after });
      }
      const order = { deviceId: id, kind: "set_context_status", params: { status } } as const;
      return await carryOut(deps, principal, order, context.gone);
    },
  });
}

function commandRoute(
  deps: BrowserContextDeps,
  verb: string,
  kind: "restart_context" | "close_context",
  summary: string,
): Route {
  return defineRoute({
    method: "post",
    path: `${path}/${verb}`,
    tag,
    summary,
    role: "operator",
    params,
    responses: { 200: contextCommandAnswerSchema, 202: contextCommandAnswerSchema },
    problems: ["conflict"],
    handler: async ({ principal, params: { device_id: id }, context }) => {
      await openContext(deps, principal, id);
      if (!(await isHeld(deps.db.pool, id))) {
        throw new ApiProblem(
          "conflict",
          "No worker holds this device at the moment, so there is no browser to act on.",
        );
      }
      return await carryOut(deps, principal, { deviceId: id, kind }, context.gone);
    },
  });
}

/** @throws ApiProblem unless the device is the tenant's and has an open context */
async function openContext({ db }: BrowserContextDeps, who: Actor, deviceId: number): Promise<void> {
  if (!(await findDevice(db.pool, who.tenantId, deviceId))) throw notFound(`device with the id ${deviceId}`);
  const context = await findBrowserContext(db.pool, who.tenantId, deviceId);
  if (!context || context.status === "closed") {
    throw new ApiProblem("conflict", "The device has no open browser context.");
  }
}

async function carryOut(
  { db, commands, waitMs }: BrowserContextDeps,
  who: Actor,
  order: CommandOrder,
  gone: AbortSignal,
) {
  const state = await commands.settle(await commands.ask(who, order), { forMs: waitMs, gone });
  const { command } = state;
  if (command.status === "failed") {
    throw new ApiProblem("conflict", `The worker could not do it: ${command.error ?? "no reason given"}.`);
  }
  const context = await findBrowserContext(db.pool, who.tenantId, order.deviceId);
  const answer: ContextCommandAnswer = { command, context };
  return hasEnded(state) ? reply(200, answer) : reply(202, answer);
}
