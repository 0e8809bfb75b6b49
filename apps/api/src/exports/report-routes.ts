import { exportCreateSchema, exportSchema } from "@pregonero/contracts";
import { findExport, findJobType, insertExport, writeAudit, type Database } from "@pregonero/db";
import type { BlobStore } from "@pregonero/storage";
import { z } from "zod";
import { mayActAs } from "../auth/index.ts";
import { jsonBody } from "../http/body.ts";
import { createOnce } from "../http/idempotency.ts";
import { validationProblem } from "../http/issues.ts";
import { ApiProblem, notFound } from "../http/problem.ts";
import { defineRoute, reply, type Route } from "../http/route.ts";
import { bytesSchema } from "./export-routes.ts";

export interface ReportDeps {
  readonly db: Database;
  readonly blobs: Pick<BlobStore, "open">;
}

const tag = "Exports";
const params = z.object({ id: z.uuid() });

/** Reports as PDF: asked for here, printed by a worker. */
export function reportPdfRoutes(deps: ReportDeps): Route[] {
  return [createRoute(deps), getRoute(deps), fileRoute(deps)];
}

function createRoute({ db }: ReportDeps): Route {
  return defineRoute({
    method: "post",
    path: "/api/v1/exports",
    tag,
    summary: "Ask for the report of a job as PDF",
    description:
      "A worker prints it: ask for it again until it is `completed`, then fetch its file. It is kept for a week. Viewers get masked numbers.",
    role: "viewer",
    body: jsonBody(exportCreateSchema),
    idempotent: true,
    responses: { 202: exportSchema },
    handler: async ({ principal, body: { job_id, language }, idempotency }) =>
      await createOnce(db, { tenantId: principal.tenantId, idempotency }, async (tx) => {
        const job_type = await findJobType(tx, principal.tenantId, job_id);
        if (job_type === null) throw validationProblem([{ path: "job_id", message: "is no job" }]);
        const masked = !mayActAs(principal, "operator");
        const made = await insertExport(tx, principal, { job_id, job_type, masked, language });
        const detail = { job_id, masked };
        await writeAudit(tx, principal, { action: "export.create", subject: `export:${made.id}`, detail });
        return { made, reply: reply(202, made) };
      }),
  });
}

function getRoute({ db }: ReportDeps): Route {
  return defineRoute({
    method: "get",
    path: "/api/v1/exports/{id}",
    tag,
    summary: "See how far a report is",
    role: "viewer",
    params,
    responses: { 200: exportSchema },
    handler: async ({ principal, params: { id } }) => {
      const found = await findExport(db.pool, principal.tenantId, id);
      if (!found) throw notFound(`export with the id ${id}`);
      return reply(200, found.export);
    },
  });
}

function fileRoute({ db, blobs }: ReportDeps): Route {
  return defineRoute({
    method: "get",
    path: "/api/v1/exports/{id}/file",
    tag,
    summary: "Get the report",
    role: "viewer",
    params,
    responses: { 200: bytesSchema },
    produces: "application/pdf",
    problems: ["conflict"],
    handler: async ({ principal, params: { id } }) => {
      const found = await findExport(db.pool, principal.tenantId, id);
      // One with whole numbers is not for viewers, whoever asked for it.
      const allowed = found !== null && (found.masked || mayActAs(principal, "operator"));
      if (!allowed) throw notFound(`export with the id ${id}`);
      if (found.blobKey === null)
        throw new ApiProblem("conflict", `There is no file yet: the export is ${found.export.status}.`);
      const blob = await blobs.open(found.blobKey);
      if (!blob) throw notFound("such file any more");
      const disposition = `attachment; filename="report-${found.export.job_id}.pdf"`;
      const headers = { "Content-Disposition": disposition, "Content-Length": String(blob.bytes) };
      return { ...reply(200, blob.stream), headers };
    },
  });
}
