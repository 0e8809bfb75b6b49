import {
  jobPatchSchema,
  jobsQueryFilters,
  pageOf,
  pageQuery,
  retryFailedAnswerSchema,
  sendMessagesJobDetailSchema,
  sendMessagesJobSchema,
  settleUnknownAnswerSchema,
  settleUnknownSchema,
  type SendMessagesJob,
} from "@pregonero/contracts";
import { findJob, listJobDevices, listJobs, type Actor, type Database } from "@pregonero/db";
import { z } from "zod";
import { jsonBody } from "../http/body.ts";
import { notFound } from "../http/problem.ts";
import { defineRoute, reply, type Route } from "../http/route.ts";
import { priorityOf } from "../intake/priority.ts";
import { checkAhead } from "../schedules/check-timing.ts";
import type { JobDesk } from "./job-desk.ts";

export interface JobDeps {
  readonly db: Database;
  readonly jobs: JobDesk;
}

const tag = "Jobs";
const params = z.object({ id: z.uuid() });

export function jobRoutes(deps: JobDeps): Route[] {
  const { jobs } = deps;
  return [
    listRoute(deps),
    getRoute(deps),
    patchRoute(deps),
    changeRoute(
      "pause",
      "Pause a job",
      "Takes effect at once; a message whose call has begun finishes.",
      (who, id) => jobs.pause(who, id),
    ),
    changeRoute("resume", "Resume a paused job", "It goes on where it stopped.", (who, id) =>
      jobs.resume(who, id),
    ),
    changeRoute("cancel", "Cancel a job", "For good. Messages that wait are cancelled.", (who, id) =>
      jobs.cancel(who, id),
    ),
    retryRoute(deps),
    settleRoute(deps),
  ];
}

function listRoute({ db }: JobDeps): Route {
  return defineRoute({
    method: "get",
    path: "/api/v1/jobs",
    tag,
    summary: "List send-messages jobs, newest first",
    role: "viewer",
    query: pageQuery(jobsQueryFilters),
    responses: { 200: pageOf(sendMessagesJobSchema) },
    handler: async ({ principal, query }) => reply(200, await listJobs(db, principal.tenantId, query)),
  });
}

function getRoute({ db }: JobDeps): Route {
  return defineRoute({
    method: "get",
    path: "/api/v1/jobs/{id}",
    tag,
    summary: "Get a job with what each device did for it",
    role: "viewer",
    params,
    responses: { 200: sendMessagesJobDetailSchema },
    handler: async ({ principal, params: { id } }) => {
      const job = await findJob(db.pool, principal.tenantId, id);
      if (!job) throw notFound(`job with the id ${id}`);
      return reply(200, { ...job, devices: await listJobDevices(db.pool, id) });
    },
  });
}

function patchRoute({ jobs }: JobDeps): Route {
  return defineRoute({
    method: "patch",
    path: "/api/v1/jobs/{id}",
    tag,
    summary: "Change the priority of a job, or when a scheduled one begins",
    role: "operator",
    params,
    body: jsonBody(jobPatchSchema),
    responses: { 200: sendMessagesJobSchema },
    problems: ["conflict"],
    handler: async ({ principal, params: { id }, body: { priority, scheduled_at: scheduledAt } }) => {
      if (scheduledAt !== undefined) checkAhead(scheduledAt, "scheduled_at");
      const patch = { scheduledAt, ...(priority === undefined ? {} : { priority: priorityOf(priority) }) };
      return reply(200, await jobs.patch(principal, id, patch));
    },
  });
}

function changeRoute(
  verb: string,
  summary: string,
  description: string,
  change: (who: Actor, id: string) => Promise<SendMessagesJob>,
): Route {
  return defineRoute({
    method: "post",
    path: `/api/v1/jobs/{id}/${verb}`,
    tag,
    summary,
    description,
    role: "operator",
    params,
    responses: { 200: sendMessagesJobSchema },
    problems: ["conflict"],
    handler: async ({ principal, params: { id } }) => reply(200, await change(principal, id)),
  });
}

function retryRoute({ jobs }: JobDeps): Route {
  return defineRoute({
    method: "post",
    path: "/api/v1/jobs/{id}/retry-failed",
    tag,
    summary: "Try the failed messages of a job again",
    description: "Each gets a fresh set of attempts.",
    role: "operator",
    params,
    responses: { 200: retryFailedAnswerSchema },
    problems: ["conflict"],
    handler: async ({ principal, params: { id } }) => reply(200, await jobs.retryFailed(principal, id)),
  });
}

function settleRoute({ jobs }: JobDeps): Route {
  return defineRoute({
    method: "post",
    path: "/api/v1/jobs/{id}/settle-unknown",
    tag,
    summary: "Decide what becomes of messages whose outcome nobody could find out",
    description: "Those that are still being looked up are left alone.",
    role: "operator",
    params,
    body: jsonBody(settleUnknownSchema),
    responses: { 200: settleUnknownAnswerSchema },
    problems: ["conflict"],
    handler: async ({ principal, params: { id }, body }) =>
      reply(200, await jobs.settleUnknown(principal, id, body.as)),
  });
}
