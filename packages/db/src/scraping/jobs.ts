import type { JobStatus, ScrapingConfig, ScrapingJob } from "@pregonero/contracts";
import type { Actor } from "../api/audit.ts";
import { decodeCursor, isTimeAndId, toJson, toPage, type Page } from "../api/rows.ts";
import type { Queryable, Transaction } from "../api/transaction.ts";
import { uuidv7 } from "../api/uuid.ts";
import type { Database } from "../database.ts";

const jobColumns = `j.id, j.name, j.description, j.status, j.status_reason, j.config, j.priority, j.total, j.running,
  j.completed, j.failed, j.cancelled, j.skipped, j.created_by, j.created_at, j.scheduled_at, j.started_at, j.completed_at`;

type JobRow = Omit<ScrapingJob, "progress"> & Omit<ScrapingJob["progress"], "percentage" | "pending">;

/** 100 * ended / total with one decimal; a job without steps is done. */
export function scrapingPercentage(total: number, ended: number): number {
  return total === 0 ? 100 : Math.floor((1_000 * ended) / total) / 10;
}

function toScrapingJob(row: object): ScrapingJob {
  const { total, running, completed, failed, cancelled, skipped, ...job } = toJson<JobRow>(row);
  const ended = completed + failed + cancelled + skipped;
  const pending = total - running - ended;
  const percentage = scrapingPercentage(total, ended);
  return {
    ...job,
    progress: { total, pending, running, completed, failed, cancelled, skipped, percentage },
  };
}

/** A domain to visit. */
export interface PlannedStep {
  readonly name: string;
  readonly host: string;
  readonly url: string;
}

export interface NewScrapingJob {
  readonly name: string | null;
  readonly description: string | null;
  readonly config: ScrapingConfig;
  readonly priority: number;
  readonly steps: readonly PlannedStep[];
  /** To be started at that time, by the reconciler; null: at once. */
  readonly scheduledAt?: Date | null;
}

/**
 * Makes a job with its steps. It begins where the least served of the active jobs stands, so that it neither waits for
 * them to catch up nor makes them wait.
 */
export async function insertScrapingJob(
  tx: Transaction,
  who: Actor,
  job: NewScrapingJob,
): Promise<ScrapingJob> {
  const id = uuidv7();
  const scheduledAt = job.scheduledAt ?? null;
  const { rows } = await tx.query<object>(
    `INSERT INTO scraping_jobs AS j (id, tenant_id, name, description, status, config, priority, total, created_by,
       scheduled_at, vtime, updated_at)
     SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10,
       coalesce((SELECT min(a.vtime) FROM scraping_jobs a WHERE a.status IN ('pending', 'running')), 0), clock_timestamp()
     RETURNING ${jobColumns}`,
    [
      id,
      who.tenantId,
      job.name,
      job.description,
      scheduledAt === null ? "pending" : "scheduled",
      JSON.stringify(job.config),
      job.priority,
      job.steps.length,
      who.actor,
      scheduledAt,
    ],
  );
  await tx.query(
    `INSERT INTO scraping_steps (id, tenant_id, job_id, step_number, name, host, url)
     SELECT s.id, $1, $2, s.n, s.name, s.host, s.url
     FROM unnest($3::uuid[], $4::text[], $5::text[], $6::text[]) WITH ORDINALITY AS s (id, name, host, url, n)`,
    [
      who.tenantId,
      id,
      job.steps.map(() => uuidv7()),
      job.steps.map((step) => step.name),
      job.steps.map((step) => step.host),
      job.steps.map((step) => step.url),
    ],
  );
  return toScrapingJob(rows[0] ?? {});
}

export async function findScrapingJob(
  db: Queryable,
  tenantId: number,
  id: string,
): Promise<ScrapingJob | null> {
  const { rows } = await db.query<object>(
    `SELECT ${jobColumns} FROM scraping_jobs j WHERE j.tenant_id = $1 AND j.id = $2`,
    [tenantId, id],
  );
  return rows[0] ? toScrapingJob(rows[0]) : null;
}

/** Newest first. */
export async function listScrapingJobs(
  db: Database,
  tenantId: number,
  page: { status?: JobStatus | undefined; limit: number; cursor?: string | undefined },
): Promise<Page<ScrapingJob>> {
  const before = decodeCursor(page.cursor, isTimeAndId);
  const { rows } = await db.pool.query<object>(
    `SELECT ${jobColumns} FROM scraping_jobs j
     WHERE j.tenant_id = $1 AND ($2::job_status IS NULL OR j.status = $2)
       AND ($3::timestamptz IS NULL OR (j.created_at, j.id) < ($3, $4))
     ORDER BY j.created_at DESC, j.id DESC LIMIT $5`,
    [tenantId, page.status ?? null, before?.[0] ?? null, before?.[1] ?? null, page.limit + 1],
  );
  return toPage(rows.map(toScrapingJob), page.limit, (job) => [job.created_at, job.id]);
}

export interface ScrapingJobChange {
  readonly previous: JobStatus;
  readonly job: ScrapingJob;
}

/** One UPDATE under the row lock that every claim takes as well. Null when the job is in none of `from`. */
async function updateStatus(
  tx: Queryable,
  job: { tenantId: number; id: string },
  update: { from: readonly JobStatus[]; status: string; reason: string | null },
): Promise<ScrapingJobChange | null> {
  const { rows } = await tx.query<{ previous: JobStatus }>(
    `WITH old AS (
       SELECT id, status FROM scraping_jobs
       WHERE tenant_id = $1 AND id = $2 AND status = ANY ($3::job_status[]) FOR UPDATE
     )
     UPDATE scraping_jobs j SET status = ${update.status}, status_reason = $4, ready_at = clock_timestamp(),
       updated_at = clock_timestamp()
     FROM old WHERE j.id = old.id RETURNING old.status AS previous, ${jobColumns}`,
    [job.tenantId, job.id, update.from, update.reason],
  );
  const [row] = rows;
  if (!row) return null;
  const { previous, ...changed } = row;
  return { previous, job: toScrapingJob(changed) };
}

/** Which statuses a job can be cancelled from. */
const cancellableScraping: readonly JobStatus[] = ["scheduled", "pending", "running", "paused"];

/** Its steps follow in chunks (`cancelScrapingSteps`), here or in the reconciler. Null when it is in none of `from`. */
export async function cancelScrapingJob(
  tx: Queryable,
  job: { tenantId: number; id: string },
  reason: string,
  from: readonly JobStatus[] = cancellableScraping,
): Promise<ScrapingJobChange | null> {
  return await updateStatus(tx, job, { from, status: "'cancelled'", reason });
}

/** Nothing more is claimed; visits under way end. Null when it is neither pending nor running. */
export async function pauseScrapingJob(
  tx: Queryable,
  job: { tenantId: number; id: string },
  reason: string,
): Promise<ScrapingJobChange | null> {
  return await updateStatus(tx, job, { from: ["pending", "running"], status: "'paused'", reason });
}

/** Null when it is not paused. */
export async function resumeScrapingJob(
  tx: Queryable,
  job: { tenantId: number; id: string },
): Promise<ScrapingJobChange | null> {
  const status = "CASE WHEN j.started_at IS NULL THEN 'pending' ELSE 'running' END::job_status";
  return await updateStatus(tx, job, { from: ["paused"], status, reason: null });
}

/** Cancels up to `limit` steps of a cancelled job. @returns how many; 0 when none is left */
export async function cancelScrapingSteps(db: Database, jobId: string, limit: number): Promise<number> {
  const { rows } = await db.pool.query<{ cancelled: number }>(
    "SELECT cancel_scraping_steps($1, $2) AS cancelled",
    [jobId, limit],
  );
  return rows[0]?.cancelled ?? 0;
}

/** Failed steps get a fresh set of attempts. Locks the job. @returns how many */
export async function retryFailedSteps(tx: Queryable, id: string): Promise<number> {
  const { rows } = await tx.query<{ retried: number }>("SELECT retry_failed_scraping_steps($1) AS retried", [
    id,
  ]);
  return rows[0]?.retried ?? 0;
}
