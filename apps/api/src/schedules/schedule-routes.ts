import {
  pageOf,
  pageQuery,
  scheduleCreateSchema,
  schedulePatchSchema,
  schedulePreviewRequestSchema,
  schedulePreviewSchema,
  scheduleRunSchema,
  scheduleSchema,
} from "@pregonero/contracts";
import {
  deleteSchedule,
  listScheduleRuns,
  listSchedules,
  transaction,
  writeAudit,
  type Database,
} from "@pregonero/db";
import { upcomingRuns } from "@pregonero/domain";
import { z } from "zod";
import { jsonBody } from "../http/body.ts";
import { createOnce } from "../http/idempotency.ts";
import { notFound } from "../http/problem.ts";
import { defineRoute, reply, type Route } from "../http/route.ts";
import { checkCron } from "./check-timing.ts";
import { existing, shown, shownAll, type ScheduleDesk } from "./schedule-desk.ts";

export interface ScheduleDeps {
  readonly db: Database;
  readonly schedules: ScheduleDesk;
}

const tag = "Schedules";
const params = z.object({ id: z.uuid() });

export function scheduleRoutes(deps: ScheduleDeps): Route[] {
  return [
    createRoute(deps),
    listRoute(deps),
    previewRoute(),
    getRoute(deps),
    patchRoute(deps),
    deleteRoute(deps),
    runRoute(deps),
    runsRoute(deps),
  ];
}

function createRoute({ db, schedules }: ScheduleDeps): Route {
  return defineRoute({
    method: "post",
    path: "/api/v1/schedules",
    tag,
    summary: "Plan runs of a campaign or of a batch job",
    description:
      "Once or by a cron expression. Each run is a job of its own; who has opted out since is skipped. To send a new campaign later, give it `scheduled_at` instead.",
    role: "operator",
    body: jsonBody(scheduleCreateSchema),
    idempotent: true,
    responses: { 201: scheduleSchema },
    handler: async ({ principal, body, idempotency }) =>
      await createOnce(db, { tenantId: principal.tenantId, idempotency }, async (tx) => {
        const made = await schedules.create(tx, principal, body);
        return { made, reply: reply(201, made) };
      }),
  });
}

function listRoute({ db }: ScheduleDeps): Route {
  return defineRoute({
    method: "get",
    path: "/api/v1/schedules",
    tag,
    summary: "List schedules, newest first",
    role: "viewer",
    query: pageQuery({}),
    responses: { 200: pageOf(scheduleSchema) },
    handler: async ({ principal, query }) => {
      const page = await listSchedules(db.pool, principal.tenantId, query);
      return reply(200, { ...page, items: await shownAll(db.pool, page.items) });
    },
  });
}

function previewRoute(): Route {
  return defineRoute({
    method: "post",
    path: "/api/v1/schedules/preview",
    tag,
    summary: "See when a cron expression would run",
    description: "Before anything is saved.",
    role: "viewer",
    body: jsonBody(schedulePreviewRequestSchema),
    responses: { 200: schedulePreviewSchema },
    handler: ({ body: { expression, time_zone: timeZone, count } }) => {
      checkCron(expression, timeZone, "expression");
      const runs = upcomingRuns({ kind: "cron", expression, timeZone }, new Date(), count);
      return Promise.resolve(reply(200, { runs: runs.map((run) => run.toISOString()) }));
    },
  });
}

function getRoute({ db }: ScheduleDeps): Route {
  return defineRoute({
    method: "get",
    path: "/api/v1/schedules/{id}",
    tag,
    summary: "Get a schedule with its next runs and its last",
    role: "viewer",
    params,
    responses: { 200: scheduleSchema },
    handler: async ({ principal, params: { id } }) =>
      reply(200, await shown(db.pool, await existing(db.pool, principal, id))),
  });
}

function patchRoute({ schedules }: ScheduleDeps): Route {
  return defineRoute({
    method: "patch",
    path: "/api/v1/schedules/{id}",
    tag,
    summary: "Change a schedule, switch it off or on",
    description: "What came and went while it was off is not made up for.",
    role: "operator",
    params,
    body: jsonBody(schedulePatchSchema),
    responses: { 200: scheduleSchema },
    handler: async ({ principal, params: { id }, body }) =>
      reply(200, await schedules.patch(principal, id, body)),
  });
}

function deleteRoute({ db }: ScheduleDeps): Route {
  return defineRoute({
    method: "delete",
    path: "/api/v1/schedules/{id}",
    tag,
    summary: "Remove a schedule",
    description: "With its history. Jobs that it made stay.",
    role: "operator",
    params,
    responses: { 204: null },
    handler: async ({ principal, params: { id } }) => {
      await transaction(db, async (tx) => {
        const gone = await deleteSchedule(tx, principal.tenantId, id);
        if (!gone) throw notFound(`schedule with the id ${id}`);
        await writeAudit(tx, principal, { action: "schedule.delete", subject: `schedule:${id}` });
      });
      return reply(204, null);
    },
  });
}

function runRoute({ db, schedules }: ScheduleDeps): Route {
  return defineRoute({
    method: "post",
    path: "/api/v1/schedules/{id}/run",
    tag,
    summary: "Run a schedule now",
    description:
      "Also one that is switched off. What is planned stays planned. A run that cannot be says why.",
    role: "operator",
    params,
    idempotent: true,
    responses: { 201: scheduleRunSchema },
    handler: async ({ principal, params: { id }, idempotency }) =>
      await createOnce(db, { tenantId: principal.tenantId, idempotency }, async (tx) => {
        const made = await schedules.runNow(tx, principal, id);
        return { made, reply: reply(201, made) };
      }),
  });
}

function runsRoute({ db }: ScheduleDeps): Route {
  return defineRoute({
    method: "get",
    path: "/api/v1/schedules/{id}/runs",
    tag,
    summary: "List what became of the runs of a schedule, newest first",
    role: "viewer",
    params,
    query: pageQuery({}),
    responses: { 200: pageOf(scheduleRunSchema) },
    handler: async ({ principal, params: { id }, query }) => {
      await existing(db.pool, principal, id);
      return reply(200, await listScheduleRuns(db.pool, id, query));
    },
  });
}
