import type { JobStatus, ScrapingJobFigures } from "@pregonero/contracts";
import type { Queryable } from "../api/transaction.ts";
import type { Database } from "../database.ts";

/** Counters of scraping jobs as listeners are told them. */
export async function readScrapingFigures(
  db: { readonly pool: Queryable },
  ids: readonly string[],
): Promise<ScrapingJobFigures[]> {
  if (ids.length === 0) return [];
  const { rows } = await db.pool.query<ScrapingJobFigures>({
    name: "read_scraping_figures",
    text: `SELECT id, tenant_id AS "tenantId", status, status_reason AS "statusReason", total, running, completed, failed,
        cancelled, skipped
      FROM scraping_jobs WHERE id = ANY ($1)`,
    values: [ids],
  });
  return rows;
}

/** Scraping jobs whose status was not announced yet; `previous` is what listeners know. */
export async function readUnannouncedScrapingJobs(
  db: Database,
): Promise<{ id: string; previous: JobStatus | null }[]> {
  const { rows } = await db.pool.query<{ id: string; previous: JobStatus | null }>(
    `SELECT id, announced_status AS previous FROM scraping_jobs
     WHERE announced_status IS DISTINCT FROM status LIMIT 1000`,
  );
  return rows;
}

/** Notes that a status was announced; a status that has changed since stays owed. */
export async function markScrapingAnnounced(db: Database, id: string, status: JobStatus): Promise<void> {
  await db.pool.query(
    "UPDATE scraping_jobs SET announced_status = $2 WHERE id = $1 AND announced_status IS DISTINCT FROM $2",
    [id, status],
  );
}

/** Cancelled jobs that still have steps to cancel. */
export async function readCancellingScrapingJobs(db: Database): Promise<string[]> {
  const { rows } = await db.pool.query<{ id: string }>(
    "SELECT id FROM scraping_jobs WHERE cancelling LIMIT 100",
  );
  return rows.map((row) => row.id);
}

/** Starts scheduled scraping jobs whose time has come. @returns how many */
export async function startScheduledScrapingJobs(db: Database): Promise<number> {
  const { rowCount } = await db.pool.query(
    `UPDATE scraping_jobs SET status = 'pending', ready_at = clock_timestamp()
     WHERE status = 'scheduled' AND scheduled_at <= clock_timestamp()`,
  );
  return rowCount ?? 0;
}

/**
 * How many steps a worker could take now, up to `most`; a job whose hosts all have to rest counts until its next claim
 * finds that out.
 */
export async function countClaimableSteps(db: Database, most: number): Promise<number> {
  const { rows } = await db.pool.query<{ claimable: number }>({
    name: "count_claimable_steps",
    text: `SELECT least($1, coalesce(sum(least((j.config ->> 'concurrency')::int - j.running,
        j.total - j.running - scraping_finished(j))), 0))::int AS claimable
      FROM scraping_jobs j WHERE j.status IN ('pending', 'running') AND j.ready_at <= clock_timestamp()
        AND j.running < (j.config ->> 'concurrency')::int`,
    values: [most],
  });
  return rows[0]?.claimable ?? 0;
}
