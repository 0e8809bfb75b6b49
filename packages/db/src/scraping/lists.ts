import type {
  BatchJob,
  BatchJobStats,
  BatchStep,
  JobStatus,
  JobType,
  ScrapingStep,
  ScrapingStepStatus,
} from "@pregonero/contracts";
import { decodeCursor, isNumber, toJson, toPage, type Page } from "../api/rows.ts";
import type { Queryable } from "../api/transaction.ts";
import type { Database } from "../database.ts";
import { scrapingPercentage } from "./jobs.ts";

const stepColumns = `s.id, s.job_id, s.step_number, s.name, s.status, s.attempts, s.result_data, s.error_code,
  s.error_message, s.started_at, s.completed_at`;

/** In the order of the job. The job must be the tenant's: see to that first. */
export async function listScrapingSteps(
  db: Database,
  jobId: string,
  page: { status?: ScrapingStepStatus | undefined; limit: number; cursor?: string | undefined },
): Promise<Page<ScrapingStep>> {
  const after = decodeCursor(page.cursor, isNumber)?.[0] ?? 0;
  const { rows } = await db.pool.query<object>(
    `SELECT ${stepColumns} FROM scraping_steps s
     WHERE s.job_id = $1 AND s.step_number > $2 AND ($3::scraping_step_status IS NULL OR s.status = $3)
     ORDER BY s.step_number LIMIT $4`,
    [jobId, after, page.status ?? null, page.limit + 1],
  );
  return toPage(
    rows.map((row) => toJson<ScrapingStep>(row)),
    page.limit,
    (step) => [step.step_number],
  );
}

export interface OffsetPage {
  readonly limit: number;
  readonly offset: number;
}

/**
 * A page of steps as offsets count them. Steps are numbered without gaps, so that of all steps an offset IS a number and
 * the last page costs what the first does; of the steps of one status it is counted in an index.
 */
export async function pageScrapingSteps(
  db: Queryable,
  jobId: string,
  page: OffsetPage & { status?: ScrapingStepStatus | undefined },
): Promise<BatchStep[]> {
  const columns = stepColumns.replace("s.attempts, ", "").replace("s.error_code,", "");
  const { rows } =
    page.status === undefined
      ? await db.query<object>(
          `SELECT ${columns} FROM scraping_steps s WHERE s.job_id = $1 AND s.step_number > $2
           ORDER BY s.step_number LIMIT $3`,
          [jobId, page.offset, page.limit],
        )
      : await db.query<object>(
          `SELECT ${columns} FROM scraping_steps s JOIN (
             SELECT f.step_number FROM scraping_steps f WHERE f.job_id = $1 AND f.status = $4
             ORDER BY f.step_number LIMIT $3 OFFSET $2
           ) f USING (step_number) WHERE s.job_id = $1 ORDER BY s.step_number`,
          [jobId, page.offset, page.limit, page.status],
        );
  return rows.map((row) => toJson<BatchStep>(row));
}

const messageStates: Readonly<Record<ScrapingStepStatus, readonly string[]>> = {
  pending: ["queued", "retrying"],
  running: ["sending", "unknown"],
  completed: ["sent", "delivered", "read"],
  failed: ["failed"],
  cancelled: ["cancelled"],
  skipped: ["skipped"],
};

const stepStatusOf = `CASE
  ${Object.entries(messageStates)
    .map(
      ([status, states]) =>
        `WHEN m.state IN (${states.map((one) => `'${one}'`).join(", ")}) THEN '${status}'`,
    )
    .join(" ")} END`;

/** Messages of a send-messages job as steps; `name` is the whole number. */
export async function pageMessageSteps(
  db: Queryable,
  jobId: string,
  page: OffsetPage & { status?: ScrapingStepStatus | undefined },
): Promise<BatchStep[]> {
  const filtered = page.status !== undefined;
  const { rows } = await db.query<object>(
    `SELECT m.id, m.job_id, m.seq AS step_number, m.phone AS name, ${stepStatusOf} AS status,
       jsonb_build_object('state', m.state, 'device_id', m.device_id, 'attempts', m.attempts) AS result_data,
       coalesce(m.error_detail, m.error_code) AS error_message, m.claimed_at AS started_at, m.finished_at AS completed_at
     FROM messages m
     WHERE m.job_id = $1 AND ${filtered ? "m.state = ANY ($4::message_state[])" : "m.seq > $2"}
     ORDER BY m.seq LIMIT $3 ${filtered ? "OFFSET $2" : ""}`,
    [jobId, page.offset, page.limit, ...(page.status === undefined ? [] : [messageStates[page.status]])],
  );
  return rows.map((row) => toJson<BatchStep>(row));
}

const scrapingAsBatch = `SELECT j.id, 'batch_scraping'::job_type AS job_type, j.name, j.description, j.status, j.config,
    j.priority, j.total AS total_steps, j.completed AS completed_steps, j.failed AS failed_steps,
    scraping_finished(j) AS ended, j.created_by, j.created_at, j.started_at, j.completed_at
  FROM scraping_jobs j`;

const sendsAsBatch = `SELECT j.id, 'send_messages'::job_type AS job_type,
    (SELECT c.name FROM campaigns c WHERE c.id = j.campaign_id) AS name, NULL::text AS description, j.status,
    jsonb_build_object('kind', j.kind, 'campaign_id', j.campaign_id, 'devices_limit', j.devices_limit,
      'interval_ms', j.interval_ms, 'max_retries', j.max_attempts - 1, 'unknown_policy', j.unknown_policy) AS config,
    j.priority, j.total AS total_steps, j.sent AS completed_steps, j.failed AS failed_steps,
    job_finished(j) AS ended, j.created_by, j.created_at, j.started_at, j.completed_at
  FROM send_messages_jobs j`;

function toBatchJob(row: object): BatchJob {
  const { ended, ...job } = toJson<Omit<BatchJob, "progress_percentage"> & { ended: number }>(row);
  return { ...job, progress_percentage: scrapingPercentage(job.total_steps, ended) };
}

/** Jobs of both types, newest first. */
export async function listBatchJobs(
  db: Queryable,
  tenantId: number,
  page: OffsetPage & { status?: JobStatus | undefined; jobType?: JobType | undefined },
): Promise<BatchJob[]> {
  // Each type from its own index, as far as the page may reach into it.
  const arm = (select: string): string => `(${select} WHERE j.tenant_id = $1
    AND ($2::job_status IS NULL OR j.status = $2) ORDER BY j.created_at DESC, j.id DESC LIMIT $3::int + $4::int)`;
  const arms = [
    ...(page.jobType === "send_messages" ? [] : [arm(scrapingAsBatch)]),
    ...(page.jobType === "batch_scraping" ? [] : [arm(sendsAsBatch)]),
  ];
  const { rows } = await db.query<object>(
    `SELECT * FROM (${arms.join(" UNION ALL ")}) j ORDER BY j.created_at DESC, j.id DESC LIMIT $3 OFFSET $4`,
    [tenantId, page.status ?? null, page.limit, page.offset],
  );
  return rows.map(toBatchJob);
}

/** A job of either type. */
export async function findBatchJob(db: Queryable, tenantId: number, id: string): Promise<BatchJob | null> {
  const { rows } = await db.query<object>(
    `(${scrapingAsBatch} WHERE j.tenant_id = $1 AND j.id = $2)
     UNION ALL (${sendsAsBatch} WHERE j.tenant_id = $1 AND j.id = $2)`,
    [tenantId, id],
  );
  return rows[0] ? toBatchJob(rows[0]) : null;
}

export async function readBatchJobStats(db: Queryable, tenantId: number): Promise<BatchJobStats> {
  const { rows } = await db.query<{ type: JobType; status: JobStatus; count: number }>(
    `SELECT 'batch_scraping' AS type, status, count(*)::int FROM scraping_jobs WHERE tenant_id = $1 GROUP BY status
     UNION ALL
     SELECT 'send_messages', status, count(*)::int FROM send_messages_jobs WHERE tenant_id = $1 GROUP BY status`,
    [tenantId],
  );
  const sum = <Key extends string>(
    key: (row: (typeof rows)[number]) => Key,
  ): Partial<Record<Key, number>> => {
    const counts: Partial<Record<Key, number>> = {};
    for (const row of rows) counts[key(row)] = (counts[key(row)] ?? 0) + row.count;
    return counts;
  };
  return {
    total: rows.reduce((all, row) => all + row.count, 0),
    by_status: sum((row) => row.status),
    by_type: sum((row) => row.type),
  };
}
