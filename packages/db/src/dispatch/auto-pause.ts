import { autoPauseSchema, type AutoPause } from "@pregonero/contracts";
import type { Database } from "../database.ts";

/**
 * Pauses those of the jobs whose messages fail too often, before a bad list or a wrong template has cost a number its good
 * name. Judged by what was written down by everybody (`job_seconds`), so it may be asked by any process, at any time.
 * A job that is resumed starts with a clean record.
 *
 * @returns the jobs that it paused
 */
export async function pauseFailingJobs(db: Database, jobIds: readonly string[]): Promise<string[]> {
  if (jobIds.length === 0) return [];
  const { rows: jobs } = await db.pool.query<{ id: string; autoPause: unknown }>({
    name: "read_auto_pause",
    text: `SELECT id, auto_pause AS "autoPause" FROM send_messages_jobs
      WHERE id = ANY ($1) AND status IN ('pending', 'running')`,
    values: [jobIds],
  });
  const paused: string[] = [];
  for (const { id, autoPause } of jobs) {
    const settings = autoPauseSchema.parse(autoPause ?? {});
    if (settings.enabled && (await pauseIfFailing(db, id, settings))) paused.push(id);
  }
  return paused;
}

/**
 * Locks the job's row, as every writer of `job_seconds` does: of several that come to the same verdict one pauses. A
 * failure that a webhook reports may be of a message that ended before the window: there are never fewer ends than failures.
 */
async function pauseIfFailing(db: Database, jobId: string, settings: AutoPause): Promise<boolean> {
  const { rowCount } = await db.pool.query({
    name: "pause_if_failing",
    text: `WITH job AS MATERIALIZED (
        SELECT id FROM send_messages_jobs WHERE id = $1 AND status IN ('pending', 'running') FOR UPDATE
      ), seen AS MATERIALIZED (
        SELECT greatest(sum(s.ended), sum(s.failed)) AS ended, sum(s.failed) AS failed
        FROM job_seconds s JOIN job ON job.id = s.job_id
        WHERE s.second > clock_timestamp() - $2::int * interval '1 second'
      ), paused AS (
        UPDATE send_messages_jobs j SET status = 'paused', updated_at = clock_timestamp(),
          status_reason = format('paused by itself: %s of the last %s messages failed (%s %%, in %s s)',
            seen.failed, seen.ended, round(100.0 * seen.failed / seen.ended), $2::int)
        FROM seen, job WHERE j.id = job.id AND seen.ended >= $3::int AND seen.failed >= $4::float * seen.ended
        RETURNING j.id
      )
      DELETE FROM job_seconds s USING paused WHERE s.job_id = paused.id RETURNING 1`,
    values: [jobId, settings.window_s, settings.min_messages, settings.failure_rate],
  });
  return (rowCount ?? 0) > 0;
}
