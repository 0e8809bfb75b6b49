import { findCampaign, findJobType, listCampaignJobIds, type Database } from "@pregonero/db";
import { z } from "zod";
import { mayActAs, type Principal } from "../auth/index.ts";
import { notFound } from "../http/problem.ts";
import { defineRoute, reply, type Route } from "../http/route.ts";
import { csvOf } from "./csv-export.ts";
import type { Table } from "./table.ts";
import { rejectionsTable, resultsTable, stepsTable } from "./tables.ts";
import { xlsxOf } from "./xlsx-export.ts";

interface ExportDeps {
  readonly db: Database;
}

const tag = "Exports";
const jobParams = z.object({ id: z.uuid() });
const campaignParams = z.object({ id: z.string().min(1).max(100).describe("Id or slug of a campaign.") });

/** The body of a file, as it is streamed. */
export const bytesSchema = z
  .custom<AsyncIterable<string | Buffer>>(
    (body) => typeof body === "object" && body !== null && Symbol.asyncIterator in body,
  )
  .meta({ type: "string", format: "binary" });

const formats = {
  csv: { produces: "text/csv", words: "a CSV file", write: csvOf },
  xlsx: {
    produces: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    words: "an Excel workbook",
    write: (table: Table) => xlsxOf(table),
  },
} as const;

/** Whole tables as files, streamed: however long one is, neither side holds it. */
export function exportRoutes(deps: ExportDeps): Route[] {
  return (["csv", "xlsx"] as const).flatMap((format) => [
    jobRoute(deps, format),
    campaignRoute(deps, format),
    rejectionsRoute(deps, format),
  ]);
}

type Format = keyof typeof formats;

function jobRoute({ db }: ExportDeps, format: Format): Route {
  return defineRoute({
    ...frame(format),
    path: `/api/v1/jobs/{id}/export.${format}`,
    summary: `Get what became of each recipient, or domain, of a job as ${formats[format].words}`,
    params: jobParams,
    handler: async ({ principal, params: { id } }) => {
      const type = await findJobType(db.pool, principal.tenantId, id);
      if (type === null) throw notFound(`job with the id ${id}`);
      const name = `job-${id}`;
      if (type === "batch_scraping") return answer(stepsTable(db, { name, jobId: id }), format);
      return answer(await resultsTable(db, { name, jobIds: [id] }, discretion(principal)), format);
    },
  });
}

function campaignRoute({ db }: ExportDeps, format: Format): Route {
  return defineRoute({
    ...frame(format),
    path: `/api/v1/campaigns/{id}/export.${format}`,
    summary: `Get what became of each recipient of a campaign as ${formats[format].words}`,
    params: campaignParams,
    handler: async ({ principal, params }) => {
      const campaign = await findCampaign(db.pool, principal.tenantId, params.id);
      if (!campaign) throw notFound("such campaign");
      const jobIds = await listCampaignJobIds(db.pool, campaign.id);
      return answer(await resultsTable(db, { name: campaign.slug, jobIds }, discretion(principal)), format);
    },
  });
}

function rejectionsRoute({ db }: ExportDeps, format: Format): Route {
  return defineRoute({
    ...frame(format),
    path: `/api/v1/campaigns/{id}/rejections.${format}`,
    summary: `Get the rows that got no message, and why, as ${formats[format].words}`,
    params: campaignParams,
    handler: async ({ principal, params }) => {
      const campaign = await findCampaign(db.pool, principal.tenantId, params.id);
      if (!campaign) throw notFound("such campaign");
      const name = `${campaign.slug}-rejections`;
      return answer(rejectionsTable(db, { name, campaignId: campaign.id }), format);
    },
  });
}

function frame(format: Format) {
  return {
    method: "get",
    tag,
    description:
      "Viewers get masked numbers and no variables. What a spreadsheet would take for a formula is text.",
    role: "viewer",
    responses: { 200: bytesSchema },
    produces: formats[format].produces,
  } as const;
}

function discretion(principal: Principal): { masked: boolean } {
  return { masked: !mayActAs(principal, "operator") };
}

function answer(table: Table, format: Format) {
  // Names are slugs and ids: nothing in them needs quoting.
  const disposition = `attachment; filename="${table.name}.${format}"`;
  return { ...reply(200, formats[format].write(table)), headers: { "Content-Disposition": disposition } };
}
