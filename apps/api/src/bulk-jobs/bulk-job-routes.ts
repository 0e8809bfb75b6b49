import {
  bulkJobSchema,
  jobsLimitQuerySchema,
  sendBulkAnswerSchema,
  sendBulkSchema,
  type BulkJob,
  type SendMessagesJob,
} from "@pregonero/contracts";
import { findJob, listJobs, readJobProgress, type Database } from "@pregonero/db";
import { literalTemplate } from "@pregonero/domain";
import { z } from "zod";
import { jsonBody } from "../http/body.ts";
import { notFound } from "../http/problem.ts";
import { defineRoute, reply, type Route } from "../http/route.ts";
import { priorityOf } from "../intake/priority.ts";
import { validPhones } from "../intake/valid-phones.ts";
import type { JobDesk } from "../jobs/job-desk.ts";
import type { SendDesk, SendOrder } from "../sends/send-desk.ts";
import { toBulkJob } from "./bulk-job.ts";

export interface BulkJobDeps {
  readonly db: Database;
  readonly jobs: JobDesk;
  readonly sends: SendDesk;
  readonly country: string | undefined;
}

const tag = "Bulk jobs";
const params = z.object({ id: z.uuid() });

/** The older contract of bulk jobs, over the same engine as everything else. */
export function bulkJobRoutes(deps: BulkJobDeps): Route[] {
  return [sendRoute(deps), listRoute(deps), getRoute(deps), cancelRoute(deps)];
}

async function withDevices(db: Database, jobs: readonly SendMessagesJob[]): Promise<BulkJob[]> {
  const progress = await readJobProgress(
    db,
    jobs.map((job) => job.id),
  );
  const used = new Map(progress.map(({ id, devicesUsed }) => [id, devicesUsed]));
  return jobs.map((job) => toBulkJob(job, used.get(job.id) ?? 0));
}

async function withItsDevices(db: Database, job: SendMessagesJob): Promise<BulkJob> {
  const [bulkJob] = await withDevices(db, [job]);
  return bulkJob ?? toBulkJob(job, 0);
}

function sendRoute({ sends, country }: BulkJobDeps): Route {
  return defineRoute({
    method: "post",
    path: "/messages/send-bulk",
    tag,
    summary: "Send one text to many numbers",
    description: "Answers before any message is sent. A number that is there twice gets one message.",
    role: "operator",
    body: jsonBody(sendBulkSchema),
    idempotent: true,
    responses: { 202: sendBulkAnswerSchema },
    handler: async ({ principal, body, idempotency }) =>
      await sends.place(principal, orderOf(body, country), idempotency, ({ job }) =>
        reply(202, {
          status: "success" as const,
          message: `${job.total} messages were accepted and will be sent`,
          job: toBulkJob(job, 0),
        }),
      ),
  });
}

function orderOf(body: z.output<typeof sendBulkSchema>, country: string | undefined): SendOrder {
  const phones = new Set(validPhones(body.phones, country, (index) => `phones[${index}]`));
  return {
    kind: "bulk",
    laneClass: "bulk",
    priority: priorityOf("normal"),
    senders: {},
    devicesLimit: body.devices_limit,
    intervalMs: 0,
    // What looks like a variable is meant as it stands.
    body: literalTemplate(body.message),
    messages: Array.from(phones, (phone) => ({ phone, variables: {}, text: null })),
  };
}

function listRoute({ db }: BulkJobDeps): Route {
  return defineRoute({
    method: "get",
    path: "/jobs",
    tag,
    summary: "List jobs as a bare array, newest first",
    role: "viewer",
    query: jobsLimitQuerySchema,
    responses: { 200: z.array(bulkJobSchema) },
    handler: async ({ principal, query }) => {
      const { items } = await listJobs(db, principal.tenantId, query);
      return reply(200, await withDevices(db, items));
    },
  });
}

function getRoute({ db }: BulkJobDeps): Route {
  return defineRoute({
    method: "get",
    path: "/jobs/{id}",
    tag,
    summary: "Get a job",
    role: "viewer",
    params,
    responses: { 200: bulkJobSchema },
    handler: async ({ principal, params: { id } }) => {
      const job = await findJob(db.pool, principal.tenantId, id);
      if (!job) throw notFound(`job with the id ${id}`);
      return reply(200, await withItsDevices(db, job));
    },
  });
}

function cancelRoute({ db, jobs }: BulkJobDeps): Route {
  return defineRoute({
    method: "post",
    path: "/jobs/{id}/cancel",
    tag,
    summary: "Cancel a job",
    role: "operator",
    params,
    responses: { 200: bulkJobSchema },
    problems: ["conflict"],
    handler: async ({ principal, params: { id } }) =>
      reply(200, await withItsDevices(db, await jobs.cancel(principal, id))),
  });
}
