import type { Database } from "../database.ts";

/** Pauses a job for a reason that people are told. @returns whether it was running */
export async function pauseJobFor(db: Database, jobId: string, reason: string): Promise<boolean> {
  const { rowCount } = await db.pool.query(
    `UPDATE send_messages_jobs SET status = 'paused', status_reason = $2, updated_at = clock_timestamp()
     WHERE id = $1 AND status IN ('pending', 'running')`,
    [jobId, reason],
  );
  return rowCount === 1;
}

/** Notes that a number wants no more messages of this tenant. */
export async function suppressPhone(
  db: Database,
  tenantId: number,
  phone: string,
  reason: string,
): Promise<void> {
  await db.pool.query(
    "INSERT INTO suppressions (tenant_id, phone, reason) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
    [tenantId, phone, reason],
  );
}
