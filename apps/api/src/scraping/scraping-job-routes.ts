import {
  createScrapingJobSchema,
  jobReportSchema,
  pageOf,
  pageQuery,
  retryFailedStepsAnswerSchema,
  scrapingJobSchema,
  scrapingJobsQueryFilters,
  scrapingStepSchema,
  scrapingStepsQueryFilters,
  type ScrapingJob,
} from "@pregonero/contracts";
import {
  findScrapingJob,
  listScrapingJobs,
  listScrapingSteps,
  readJobReport,
  type Actor,
  type Database,
} from "@pregonero/db";
import { z } from "zod";
import { jsonBody } from "../http/body.ts";
import { notFound } from "../http/problem.ts";
import { defineRoute, reply, type Route } from "../http/route.ts";
import type { ScrapingDesk } from "./scraping-desk.ts";

export interface ScrapingDeps {
  readonly db: Database;
  readonly scraping: ScrapingDesk;
}

const tag = "Scraping";
const params = z.object({ id: z.uuid() });

export function scrapingJobRoutes(deps: ScrapingDeps): Route[] {
  const { scraping } = deps;
  return [
    createRoute(deps),
    listRoute(deps),
    getRoute(deps),
    stepsRoute(deps),
    reportRoute(deps),
    changeRoute("pause", "Pause a scraping job", "Visits under way end.", (who, id) =>
      scraping.pause(who, id),
    ),
    changeRoute("resume", "Resume a paused scraping job", "It goes on where it stopped.", (who, id) =>
      scraping.resume(who, id),
    ),
    changeRoute("cancel", "Cancel a scraping job", "For good. Visits under way end at once.", (who, id) =>
      scraping.cancel(who, id),
    ),
    retryRoute(deps),
  ];
}

function createRoute({ scraping }: ScrapingDeps): Route {
  return defineRoute({
    method: "post",
    path: "/api/v1/scraping-jobs",
    tag,
    summary: "Visit a list of domains and write a report for each",
    description: "Answers at once. A domain that is there twice is visited once.",
    role: "operator",
    body: jsonBody(createScrapingJobSchema),
    idempotent: true,
    responses: { 202: scrapingJobSchema },
    handler: async ({ principal, body, idempotency }) =>
      await scraping.create(principal, body, idempotency, (job) => reply(202, job)),
  });
}

function listRoute({ db }: ScrapingDeps): Route {
  return defineRoute({
    method: "get",
    path: "/api/v1/scraping-jobs",
    tag,
    summary: "List scraping jobs, newest first",
    role: "viewer",
    query: pageQuery(scrapingJobsQueryFilters),
    responses: { 200: pageOf(scrapingJobSchema) },
    handler: async ({ principal, query }) =>
      reply(200, await listScrapingJobs(db, principal.tenantId, query)),
  });
}

function getRoute({ db }: ScrapingDeps): Route {
  return defineRoute({
    method: "get",
    path: "/api/v1/scraping-jobs/{id}",
    tag,
    summary: "Get a scraping job",
    role: "viewer",
    params,
    responses: { 200: scrapingJobSchema },
    handler: async ({ principal, params: { id } }) => reply(200, await existing(db, principal.tenantId, id)),
  });
}

function stepsRoute({ db }: ScrapingDeps): Route {
  return defineRoute({
    method: "get",
    path: "/api/v1/scraping-jobs/{id}/steps",
    tag,
    summary: "List the steps of a scraping job, in its order",
    role: "viewer",
    params,
    query: pageQuery(scrapingStepsQueryFilters),
    responses: { 200: pageOf(scrapingStepSchema) },
    handler: async ({ principal, params: { id }, query }) => {
      await existing(db, principal.tenantId, id);
      return reply(200, await listScrapingSteps(db, id, query));
    },
  });
}

function reportRoute({ db }: ScrapingDeps): Route {
  return defineRoute({
    method: "get",
    path: "/api/v1/scraping-jobs/{id}/report",
    tag,
    summary: "All reports of a job in one",
    role: "viewer",
    params,
    responses: { 200: jobReportSchema },
    handler: async ({ principal, params: { id } }) => {
      const report = await readJobReport(db.pool, principal.tenantId, id);
      if (!report) throw notFound(`scraping job with the id ${id}`);
      return reply(200, report);
    },
  });
}

function changeRoute(
  verb: string,
  summary: string,
  description: string,
  change: (who: Actor, id: string) => Promise<ScrapingJob>,
): Route {
  return defineRoute({
    method: "post",
    path: `/api/v1/scraping-jobs/{id}/${verb}`,
    tag,
    summary,
    description,
    role: "operator",
    params,
    responses: { 200: scrapingJobSchema },
    problems: ["conflict"],
    handler: async ({ principal, params: { id } }) => reply(200, await change(principal, id)),
  });
}

function retryRoute({ scraping }: ScrapingDeps): Route {
  return defineRoute({
    method: "post",
    path: "/api/v1/scraping-jobs/{id}/retry-failed",
    tag,
    summary: "Visit the failed domains of a job again",
    description: "Each gets a fresh set of attempts.",
    role: "operator",
    params,
    responses: { 200: retryFailedStepsAnswerSchema },
    problems: ["conflict"],
    handler: async ({ principal, params: { id } }) => reply(200, await scraping.retryFailed(principal, id)),
  });
}

async function existing(db: Database, tenantId: number, id: string): Promise<ScrapingJob> {
  const job = await findScrapingJob(db.pool, tenantId, id);
  if (!job) throw notFound(`scraping job with the id ${id}`);
  return job;
}
