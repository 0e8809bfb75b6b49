import {
  percentage,
  type JobDevice,
  type JobKind,
  type JobStatus,
  type SendMessagesJob,
  type SendProgress,
} from "@pregonero/contracts";
import type { Database } from "../database.ts";
import { decodeCursor, isTimeAndId, toJson, toPage, type Page } from "./rows.ts";
import type { Queryable } from "./transaction.ts";

/** Columns of `send_messages_jobs` that make a SendMessagesJob. */
export const jobColumns = `id, kind, status, status_reason, campaign_id, priority, total, sent, delivered, read, failed,
  cancelled, skipped, unknown, settling, devices_limit, interval_ms, max_attempts, unknown_policy, created_by, created_at,
  scheduled_at, started_at, completed_at`;

/** Counters as a row has them. */
export type ProgressColumns = Omit<SendProgress, "percentage" | "pending"> & { readonly settling: number };

type JobRow = Omit<SendMessagesJob, "progress" | "total"> & ProgressColumns;

export function toProgress({ settling, ...counters }: ProgressColumns): SendProgress {
  const { total, sent, failed, cancelled, skipped, unknown } = counters;
  const pending = total - sent - failed - cancelled - skipped - unknown;
  const done = percentage({ total, sent, failed, cancelled, skipped, unknown, settling });
  return { ...counters, pending, percentage: done };
}

export function toJob(row: object): SendMessagesJob {
  const { total, sent, delivered, read, failed, cancelled, skipped, unknown, settling, ...job } =
    toJson<JobRow>(row);
  const counters = { total, sent, delivered, read, failed, cancelled, skipped, unknown, settling };
  return { ...job, total, progress: toProgress(counters) };
}

export interface JobFilters {
  readonly status?: JobStatus | undefined;
  readonly kind?: JobKind | undefined;
  readonly campaign?: string | undefined;
}

/** Newest first. Replies in conversations are jobs as well, but nobody's list. */
export async function listJobs(
  db: Database,
  tenantId: number,
  page: JobFilters & { limit: number; cursor?: string | undefined },
): Promise<Page<SendMessagesJob>> {
  const before = decodeCursor(page.cursor, isTimeAndId);
  const { rows } = await db.pool.query<object>(
    `SELECT ${jobColumns} FROM send_messages_jobs
     WHERE tenant_id = $1 AND conversation_id IS NULL
       AND ($2::job_status IS NULL OR status = $2) AND ($3::send_job_kind IS NULL OR kind = $3)
       AND ($4::uuid IS NULL OR campaign_id = $4)
       AND ($5::timestamptz IS NULL OR (created_at, id) < ($5, $6))
     ORDER BY created_at DESC, id DESC LIMIT $7`,
    [
      tenantId,
      page.status ?? null,
      page.kind ?? null,
      page.campaign ?? null,
      before?.[0] ?? null,
      before?.[1] ?? null,
      page.limit + 1,
    ],
  );
  return toPage(rows.map(toJob), page.limit, (job) => [job.created_at, job.id]);
}

export async function findJob(db: Queryable, tenantId: number, id: string): Promise<SendMessagesJob | null> {
  const { rows } = await db.query<object>(
    `SELECT ${jobColumns} FROM send_messages_jobs WHERE tenant_id = $1 AND id = $2`,
    [tenantId, id],
  );
  return rows[0] ? toJob(rows[0]) : null;
}

export async function listJobDevices(db: Queryable, jobId: string): Promise<JobDevice[]> {
  const { rows } = await db.query<JobDevice>(
    `SELECT l.device_id, d.name, l.status, l.sent, l.failed, l.unknown
     FROM lanes l JOIN devices d ON d.id = l.device_id WHERE l.job_id = $1 ORDER BY l.device_id LIMIT 1000`,
    [jobId],
  );
  return rows;
}

/** Devices that a change of the job is news for. */
export async function activeDeviceIds(db: Queryable, jobId: string): Promise<number[]> {
  const { rows } = await db.query<{ id: number }>(
    "SELECT device_id AS id FROM lanes WHERE job_id = $1 AND status = 'active'",
    [jobId],
  );
  return rows.map((row) => row.id);
}
