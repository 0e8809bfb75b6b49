import {
  batchJobSchema,
  batchJobsQuerySchema,
  batchJobStatsSchema,
  batchStepSchema,
  batchStepsQuerySchema,
  createJobCommentSchema,
  createScrapingJobSchema,
  jobCommentSchema,
  type BatchJob,
} from "@pregonero/contracts";
import {
  findBatchJob,
  insertJobComment,
  listBatchJobs,
  listJobComments,
  pageMessageSteps,
  pageScrapingSteps,
  readBatchJobStats,
  transaction,
  writeAudit,
  type Database,
} from "@pregonero/db";
import { maskPhone } from "@pregonero/domain";
import { z } from "zod";
import { mayActAs } from "../auth/index.ts";
import { jsonBody } from "../http/body.ts";
import { validationProblem } from "../http/issues.ts";
import { ApiProblem, notFound } from "../http/problem.ts";
import { defineRoute, reply, type Route } from "../http/route.ts";
import type { JobDesk } from "../jobs/job-desk.ts";
import { asBatchJob } from "./batch-job.ts";
import type { ScrapingDesk } from "./scraping-desk.ts";

export interface BatchJobDeps {
  readonly db: Database;
  readonly jobs: JobDesk;
  readonly scraping: ScrapingDesk;
}

const tag = "Batch jobs";
const params = z.object({ id: z.uuid() });

/** The "batch jobs" contract: jobs of both types in one form. */
export function batchJobRoutes(deps: BatchJobDeps): Route[] {
  return [
    createRoute(deps),
    listRoute(deps),
    statsRoute(deps),
    getRoute(deps),
    stepsRoute(deps),
    cancelRoute(deps),
    commentsRoute(deps),
    commentRoute(deps),
  ];
}

function createRoute({ scraping }: BatchJobDeps): Route {
  return defineRoute({
    method: "post",
    path: "/api/jobs/batch-scraping",
    tag,
    summary: "Visit a list of domains and write a report for each",
    role: "operator",
    body: jsonBody(createScrapingJobSchema),
    idempotent: true,
    responses: { 202: batchJobSchema },
    handler: async ({ principal, body, idempotency }) =>
      await scraping.create(principal, body, idempotency, (job) => reply(202, asBatchJob(job))),
  });
}

function listRoute({ db }: BatchJobDeps): Route {
  return defineRoute({
    method: "get",
    path: "/api/jobs",
    tag,
    summary: "List jobs of both types as a bare array, newest first",
    role: "viewer",
    query: batchJobsQuerySchema,
    responses: { 200: z.array(batchJobSchema) },
    handler: async ({ principal, query: { job_type: jobType, ...page } }) =>
      reply(200, await listBatchJobs(db.pool, principal.tenantId, { ...page, jobType })),
  });
}

function statsRoute({ db }: BatchJobDeps): Route {
  return defineRoute({
    method: "get",
    path: "/api/jobs/stats/summary",
    tag,
    summary: "Count jobs by status and by type",
    role: "viewer",
    responses: { 200: batchJobStatsSchema },
    handler: async ({ principal }) => reply(200, await readBatchJobStats(db.pool, principal.tenantId)),
  });
}

function getRoute({ db }: BatchJobDeps): Route {
  return defineRoute({
    method: "get",
    path: "/api/jobs/{id}",
    tag,
    summary: "Get a job of either type",
    role: "viewer",
    params,
    responses: { 200: batchJobSchema },
    handler: async ({ principal, params: { id } }) => reply(200, await existing(db, principal.tenantId, id)),
  });
}

function stepsRoute({ db }: BatchJobDeps): Route {
  return defineRoute({
    method: "get",
    path: "/api/jobs/{id}/steps",
    tag,
    summary: "List the steps of a job as a bare array, in its order",
    description: "Of a send-messages job the steps are its messages.",
    role: "viewer",
    params,
    query: batchStepsQuerySchema,
    responses: { 200: z.array(batchStepSchema) },
    handler: async ({ principal, params: { id }, query }) => {
      const job = await existing(db, principal.tenantId, id);
      if (job.job_type === "batch_scraping") return reply(200, await pageScrapingSteps(db.pool, id, query));
      const steps = await pageMessageSteps(db.pool, id, query);
      const shown = mayActAs(principal, "operator")
        ? steps
        : steps.map((step) => ({ ...step, name: maskPhone(step.name) }));
      return reply(200, shown);
    },
  });
}

function cancelRoute({ db, jobs, scraping }: BatchJobDeps): Route {
  return defineRoute({
    method: "post",
    path: "/api/jobs/{id}/cancel",
    tag,
    summary: "Cancel a job that is pending or running",
    role: "operator",
    params,
    responses: { 200: batchJobSchema },
    problems: ["conflict"],
    handler: async ({ principal, params: { id } }) => {
      const { tenantId } = principal;
      const job = await existing(db, tenantId, id);
      if (job.status !== "pending" && job.status !== "running") {
        throw new ApiProblem(
          "conflict",
          `Only a pending or running job can be cancelled; this one is ${job.status}.`,
        );
      }
      if (job.job_type === "batch_scraping") await scraping.cancel(principal, id, ["pending", "running"]);
      else await jobs.cancel(principal, id);
      return reply(200, await existing(db, tenantId, id));
    },
  });
}

function commentsRoute({ db }: BatchJobDeps): Route {
  return defineRoute({
    method: "get",
    path: "/api/comments/job/{id}",
    tag,
    summary: "List the comments of a job, oldest first",
    role: "viewer",
    params,
    responses: { 200: z.array(jobCommentSchema) },
    handler: async ({ principal, params: { id } }) => {
      await existing(db, principal.tenantId, id);
      return reply(200, await listJobComments(db.pool, id));
    },
  });
}

function commentRoute({ db }: BatchJobDeps): Route {
  return defineRoute({
    method: "post",
    path: "/api/comments/job",
    tag,
    summary: "Write a comment on a job",
    role: "operator",
    body: jsonBody(createJobCommentSchema),
    responses: { 201: jobCommentSchema },
    handler: async ({ principal, body: { job_id: id, ...comment } }) => {
      const { tenantId } = principal;
      const job = await findBatchJob(db.pool, tenantId, id);
      if (!job) throw validationProblem([{ path: "job_id", message: "names no job" }]);
      const made = await transaction(db, async (tx) => {
        await writeAudit(tx, principal, { action: "job.comment", subject: `job:${id}` });
        return await insertJobComment(tx, { tenantId, id, type: job.job_type }, comment);
      });
      return reply(201, made);
    },
  });
}

async function existing(db: Database, tenantId: number, id: string): Promise<BatchJob> {
  const job = await findBatchJob(db.pool, tenantId, id);
  if (!job) throw notFound(`job with the id ${id}`);
  return job;
}
