import {
  pageOf,
  pageQuery,
  reportComparisonSchema,
  reportSchema,
  reportsQueryFilters,
  reportSummarySchema,
  type Report,
} from "@pregonero/contracts";
import { findReport, listReports, type Database, type StoredReport } from "@pregonero/db";
import { compareFields } from "@pregonero/domain";
import type { BlobStore } from "@pregonero/storage";
import { z } from "zod";
import { ApiProblem, notFound } from "../http/problem.ts";
import { defineRoute, reply, type Route } from "../http/route.ts";

export interface ReportDeps {
  readonly db: Database;
  readonly blobs: Pick<BlobStore, "open">;
}

const params = z.object({ id: z.uuid() });
const picture = z.custom<AsyncIterable<Uint8Array>>().meta({ type: "string", format: "binary" });

/** Reports under the "batch jobs" contract, and what else the native API can do with them. */
export function reportRoutes(deps: ReportDeps): Route[] {
  return [
    getRoute(deps, "/api/reports/{id}", "Batch jobs"),
    pictureRoute(deps, "/api/reports/{id}/screenshot", "screenshot_key"),
    pictureRoute(deps, "/api/reports/{id}/thumbnail", "thumbnail_key"),
    listRoute(deps),
    getRoute(deps, "/api/v1/reports/{id}", "Scraping"),
    compareRoute(deps),
  ];
}

function shown({ data, screenshot_key, thumbnail_key, ...report }: StoredReport): Report {
  const at = `/api/reports/${report.id}`;
  return {
    ...data,
    ...report,
    step_id: report.id,
    screenshot_url: screenshot_key === null ? null : `${at}/screenshot`,
    thumbnail_url: thumbnail_key === null ? null : `${at}/thumbnail`,
  };
}

function getRoute({ db }: ReportDeps, path: string, tag: "Batch jobs" | "Scraping"): Route {
  return defineRoute({
    method: "get",
    path,
    tag,
    summary: "Get the report of a step",
    description: "A report has the id of its step.",
    role: "viewer",
    params,
    responses: { 200: reportSchema },
    handler: async ({ principal, params: { id } }) =>
      reply(200, shown(await existing(db, principal.tenantId, id))),
  });
}

function pictureRoute(
  { db, blobs }: ReportDeps,
  path: string,
  key: "screenshot_key" | "thumbnail_key",
): Route {
  return defineRoute({
    method: "get",
    path,
    tag: "Batch jobs",
    summary:
      key === "screenshot_key" ? "Get the picture of the whole page" : "Get the small picture of a report",
    role: "viewer",
    params,
    produces: "image/jpeg",
    responses: { 200: picture },
    handler: async ({ principal, params: { id } }) => {
      const blobKey = (await existing(db, principal.tenantId, id))[key];
      const blob = blobKey === null ? null : await blobs.open(blobKey);
      if (!blob) throw notFound(`picture of the report with the id ${id}`);
      // Never changes under this address, and is nobody else's.
      const headers = {
        "Cache-Control": "private, max-age=86400, immutable",
        "Content-Length": String(blob.bytes),
      };
      return { ...reply(200, blob.stream), headers };
    },
  });
}

function listRoute({ db }: ReportDeps): Route {
  return defineRoute({
    method: "get",
    path: "/api/v1/reports",
    tag: "Scraping",
    summary: "List reports, newest first",
    role: "viewer",
    query: pageQuery(reportsQueryFilters),
    responses: { 200: pageOf(reportSummarySchema) },
    handler: async ({ principal, query }) => reply(200, await listReports(db, principal.tenantId, query)),
  });
}

function compareRoute({ db }: ReportDeps): Route {
  return defineRoute({
    method: "get",
    path: "/api/v1/reports/{id}/compare/{other_id}",
    tag: "Scraping",
    summary: "Compare two reports of a domain, field by field",
    description: "The older one is `before`, whichever is asked for.",
    role: "viewer",
    params: z.object({ id: z.uuid(), other_id: z.uuid() }),
    responses: { 200: reportComparisonSchema },
    problems: ["conflict"],
    handler: async ({ principal, params: { id, other_id } }) => {
      const one = await existing(db, principal.tenantId, id);
      const other = await existing(db, principal.tenantId, other_id);
      if (one.domain !== other.domain) {
        throw new ApiProblem(
          "conflict",
          `The reports are about ${one.domain} and ${other.domain}: compare those of one domain.`,
        );
      }
      const [before, after] = one.created_at <= other.created_at ? [one, other] : [other, one];
      const fields = compareFields(before.data, after.data);
      return reply(200, {
        domain: one.domain,
        before: { id: before.id, created_at: before.created_at },
        after: { id: after.id, created_at: after.created_at },
        changed: fields.filter((field) => field.changed).length,
        fields,
      });
    },
  });
}

async function existing(db: Database, tenantId: number, id: string): Promise<StoredReport> {
  const report = await findReport(db.pool, tenantId, id);
  if (!report) throw notFound(`report with the id ${id}`);
  return report;
}
