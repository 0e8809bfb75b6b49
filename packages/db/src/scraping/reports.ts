import type { ReportData, ReportSummary } from "@pregonero/contracts";
import { decodeCursor, isTimeAndId, toJson, toPage, type Page } from "../api/rows.ts";
import type { Queryable } from "../api/transaction.ts";
import type { Database } from "../database.ts";

/** A report as it is stored; its pictures are keys of the blob store. */
export interface StoredReport {
  readonly id: string;
  readonly job_id: string;
  readonly domain: string;
  readonly created_at: string;
  readonly data: ReportData;
  readonly screenshot_key: string | null;
  readonly thumbnail_key: string | null;
}

export async function findReport(db: Queryable, tenantId: number, id: string): Promise<StoredReport | null> {
  const { rows } = await db.query<object>(
    `SELECT id, job_id, domain, created_at, data, screenshot_key, thumbnail_key FROM reports
     WHERE tenant_id = $1 AND id = $2`,
    [tenantId, id],
  );
  return rows[0] ? toJson<StoredReport>(rows[0]) : null;
}

/** Newest first; of one domain, or of all. */
export async function listReports(
  db: Database,
  tenantId: number,
  page: { domain?: string | undefined; limit: number; cursor?: string | undefined },
): Promise<Page<ReportSummary>> {
  const before = decodeCursor(page.cursor, isTimeAndId);
  const { rows } = await db.pool.query<object>(
    `SELECT id, job_id, domain, created_at, data ->> 'final_url' AS final_url, (data ->> 'http_status')::int AS http_status,
       data ->> 'title' AS title
     FROM reports
     WHERE tenant_id = $1 AND ($2::text IS NULL OR domain = $2)
       AND ($3::timestamptz IS NULL OR (created_at, id) < ($3, $4))
     ORDER BY created_at DESC, id DESC LIMIT $5`,
    [tenantId, page.domain ?? null, before?.[0] ?? null, before?.[1] ?? null, page.limit + 1],
  );
  return toPage(
    rows.map((row) => toJson<ReportSummary>(row)),
    page.limit,
    (report) => [report.created_at, report.id],
  );
}
