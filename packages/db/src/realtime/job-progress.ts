import type { JobProgress } from "@pregonero/contracts";
import type { Database } from "../database.ts";

const query = `
  SELECT j.id, j.tenant_id AS "tenantId", j.status::text, j.status_reason AS "statusReason", j.total, j.sending, j.sent,
    j.delivered, j.read, j.failed, j.cancelled, j.skipped, j.unknown, j.settling,
    (SELECT count(*) FROM lanes l WHERE l.job_id = j.id AND l.sent + l.failed + l.unknown > 0)::int AS "devicesUsed"
  FROM send_messages_jobs j WHERE j.id = ANY ($1::uuid[])`;

/**
 * Counters and status of jobs as they are committed now, in one query and no lock. In no particular order; ids that no
 * job has are left out. `ids` must be UUIDs.
 */
export async function readJobProgress(
  db: Pick<Database, "pool">,
  ids: readonly string[],
): Promise<JobProgress[]> {
  if (ids.length === 0) return [];
  const { rows } = await db.pool.query<JobProgress>({
    name: "read-job-progress",
    text: query,
    values: [ids],
  });
  return rows;
}
