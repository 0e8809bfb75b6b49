import type { Queryable } from "../api/transaction.ts";

/** The figures of a report. */
export interface ReportFacts {
  readonly name: string | null;
  readonly tenant: string;
  readonly status: string;
  readonly total: number;
  /** By what became of them, in the order in which they are shown. */
  readonly figures: readonly { readonly key: string; readonly count: number }[];
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly startedAt: Date | null;
  readonly completedAt: Date | null;
  /** The most frequent first. */
  readonly errors: readonly { readonly code: string; readonly count: number }[];
  /** What each device did; none for a batch job. */
  readonly devices: readonly { readonly name: string; readonly sent: number; readonly failed: number }[];
}

type Row = Omit<ReportFacts, "figures" | "errors" | "devices"> & { readonly counts: Record<string, number> };

/** The figures of a job of the tenant; null when it is gone. */
export async function readReportFacts(
  db: Queryable,
  job: { tenantId: number; id: string; type: "send_messages" | "batch_scraping" },
): Promise<ReportFacts | null> {
  const sends = job.type === "send_messages";
  const { rows } = await db.query<Row>(sends ? sendsSql : scrapingSql, [job.tenantId, job.id]);
  const [row] = rows;
  if (!row) return null;
  const { counts, ...facts } = row;
  const figures = Object.entries(counts).map(([key, count]) => ({ key, count }));
  const errors = await db.query<{ code: string; count: number }>(
    `SELECT error_code AS code, count(*)::int AS count FROM ${sends ? "messages" : "scraping_steps"}
     WHERE job_id = $1 AND error_code IS NOT NULL GROUP BY error_code ORDER BY count(*) DESC, error_code LIMIT 8`,
    [job.id],
  );
  const devices = await db.query<{ name: string; sent: number; failed: number }>(
    `SELECT d.name, l.sent, l.failed FROM lanes l JOIN devices d ON d.id = l.device_id
     WHERE l.job_id = $1 AND l.sent + l.failed + l.unknown > 0 ORDER BY l.sent DESC, d.name LIMIT 12`,
    [job.id],
  );
  return { ...facts, figures, errors: errors.rows, devices: devices.rows };
}

const sendsSql = `SELECT c.name, t.name AS tenant, j.status, j.total, json_build_object('sent', j.sent, 'delivered', j.delivered,
    'read', j.read, 'failed', j.failed, 'skipped', j.skipped, 'cancelled', j.cancelled, 'unknown', j.unknown) AS counts,
    j.created_by AS "createdBy", j.created_at AS "createdAt", j.started_at AS "startedAt", j.completed_at AS "completedAt"
  FROM send_messages_jobs j JOIN tenants t ON t.id = j.tenant_id LEFT JOIN campaigns c ON c.id = j.campaign_id
  WHERE j.tenant_id = $1 AND j.id = $2`;
const scrapingSql = `SELECT j.name, t.name AS tenant, j.status, j.total, json_build_object('completed', j.completed,
    'failed', j.failed, 'skipped', j.skipped, 'cancelled', j.cancelled) AS counts,
    j.created_by AS "createdBy", j.created_at AS "createdAt", j.started_at AS "startedAt", j.completed_at AS "completedAt"
  FROM scraping_jobs j JOIN tenants t ON t.id = j.tenant_id WHERE j.tenant_id = $1 AND j.id = $2`;
