import type { JobStatus, SendMessagesJob } from "@pregonero/contracts";
import { jobColumns, toJob } from "./jobs.ts";
import type { Queryable } from "./transaction.ts";

/** A change of a job's status; `previous` is what it was before. */
export interface JobChange {
  readonly previous: JobStatus;
  readonly job: SendMessagesJob;
}

interface StatusUpdate {
  readonly from: readonly JobStatus[];
  /** SQL of the new status. */
  readonly status: string;
  readonly reason: string | null;
}

/**
 * One UPDATE under the job's row lock, which every claim takes as well: what is claimed after it sees it. Changes nothing
 * unless the job is in one of `from`.
 */
async function updateStatus(
  tx: Queryable,
  tenantId: number,
  id: string,
  update: StatusUpdate,
): Promise<JobChange | null> {
  const { rows } = await tx.query<object & { previous: JobStatus }>(
    `WITH old AS (
       SELECT id, status FROM send_messages_jobs
       WHERE tenant_id = $1 AND id = $2 AND status = ANY ($3::job_status[]) FOR UPDATE
     ), changed AS (
       UPDATE send_messages_jobs j SET status = ${update.status}, status_reason = $4, updated_at = clock_timestamp()
       FROM old WHERE j.id = old.id RETURNING j.*
     )
     SELECT old.status AS previous, ${jobColumns.replaceAll(/\b(id|status)\b(?=,)/g, "c.$1")}
     FROM changed c JOIN old ON old.id = c.id`,
    [tenantId, id, update.from, update.reason],
  );
  const [row] = rows;
  if (!row) return null;
  const { previous, ...job } = row;
  return { previous, job: toJob(job) };
}

/** Nothing more is claimed. A message whose call has begun finishes. Null when the job is not pending or running. */
export async function pauseJob(
  tx: Queryable,
  tenantId: number,
  id: string,
  reason: string,
): Promise<JobChange | null> {
  return await updateStatus(tx, tenantId, id, { from: ["pending", "running"], status: "'paused'", reason });
}

/** Null when the job is not paused. */
export async function resumeJob(tx: Queryable, tenantId: number, id: string): Promise<JobChange | null> {
  const status = "CASE WHEN j.started_at IS NULL THEN 'pending' ELSE 'running' END::job_status";
  return await updateStatus(tx, tenantId, id, { from: ["paused"], status, reason: null });
}

/** Null when the job has ended. Its unclaimed messages follow in chunks (`cancel_queued`), here or in the reconciler. */
export async function cancelJob(
  tx: Queryable,
  tenantId: number,
  id: string,
  reason: string,
): Promise<JobChange | null> {
  const from = ["scheduled", "pending", "running", "paused"] as const;
  return await updateStatus(tx, tenantId, id, { from, status: "'cancelled'", reason });
}

/** Failed messages of the job get a fresh set of attempts. Locks the job. @returns how many */
export async function retryFailed(tx: Queryable, id: string): Promise<number> {
  const { rows } = await tx.query<{ retried: number }>("SELECT retry_failed($1) AS retried", [id]);
  return rows[0]?.retried ?? 0;
}

/**
 * What becomes of messages whose outcome nobody could find out; those that are being settled are left alone. Locks the
 * job. @returns how many
 */
export async function settleUnknown(tx: Queryable, id: string, as: "resend" | "failed"): Promise<number> {
  const settle = as === "resend" ? "resend_unknown" : "drop_unknown";
  const { rows } = await tx.query<{ settled: number }>(`SELECT ${settle}($1) AS settled`, [id]);
  return rows[0]?.settled ?? 0;
}

export interface JobPatchFields {
  readonly priority?: number | undefined;
  readonly scheduledAt?: string | undefined;
}

/**
 * Changes what may be changed of a job that has not ended: its priority, with the weight of its lanes, and the beginning
 * of one that is still `scheduled`. Null when the job is in no such state.
 */
export async function patchJob(
  tx: Queryable,
  tenantId: number,
  id: string,
  patch: JobPatchFields,
): Promise<SendMessagesJob | null> {
  const from: readonly JobStatus[] =
    patch.scheduledAt === undefined ? ["scheduled", "pending", "running", "paused"] : ["scheduled"];
  const { rows } = await tx.query<object>(
    `UPDATE send_messages_jobs SET priority = coalesce($4, priority), scheduled_at = coalesce($5, scheduled_at),
       updated_at = clock_timestamp()
     WHERE tenant_id = $1 AND id = $2 AND status = ANY ($3::job_status[]) RETURNING ${jobColumns}`,
    [tenantId, id, from, patch.priority ?? null, patch.scheduledAt ?? null],
  );
  if (!rows[0]) return null;
  if (patch.priority !== undefined)
    await tx.query("UPDATE lanes SET weight = greatest($2, 1) WHERE job_id = $1", [id, patch.priority]);
  return toJob(rows[0]);
}
