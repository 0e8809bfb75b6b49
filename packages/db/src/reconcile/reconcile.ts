import type { JobStatus } from "@pregonero/contracts";
import type pg from "pg";
import type { Database } from "../database.ts";
import type { UnknownPolicy } from "../dispatch/claims.ts";

/** Any constant of our own: whoever holds this advisory lock is the one reconciler. */
const reconcilerLock = 7_368_121;

/**
 * Runs `work` if no other process is running its own, and says whether it did. The lock belongs to a connection: it
 * is free again the moment that its holder dies.
 */
export async function asReconciler(db: Database, work: () => Promise<void>): Promise<boolean> {
  const client = await db.pool.connect();
  let broken = false;
  try {
    const { rows } = await client.query<{ held: boolean }>("SELECT pg_try_advisory_lock($1) AS held", [
      reconcilerLock,
    ]);
    if (rows[0]?.held !== true) return false;
    try {
      await work();
    } finally {
      await unlock(client).catch(() => (broken = true));
    }
    return true;
  } finally {
    client.release(broken);
  }
}

async function unlock(client: pg.PoolClient): Promise<void> {
  await client.query("SELECT pg_advisory_unlock($1)", [reconcilerLock]);
}

/** Claims under way whose lease is over: of an older epoch than the device's, or of a lease that ran out. */
export async function readOrphanedClaims(db: Database): Promise<string[]> {
  const { rows } = await db.pool.query<{ id: string }>(
    `SELECT m.provider_message_id AS id FROM devices d JOIN messages m ON m.device_id = d.id
     WHERE m.send_by IS NOT NULL AND m.state = 'sending'
       AND (m.claim_epoch < d.lease_epoch OR d.lease_worker_id IS NULL OR d.lease_expires_at < clock_timestamp())
     LIMIT 10000`,
  );
  return rows.map((row) => row.id);
}

/** Unknown outcomes whose time for settling is over, with what their job wants done. */
export async function readOverdueUnknown(db: Database): Promise<{ id: string; policy: UnknownPolicy }[]> {
  const { rows } = await db.pool.query<{ id: string; policy: UnknownPolicy }>(
    `SELECT m.provider_message_id AS id, j.unknown_policy AS policy
     FROM devices d JOIN messages m ON m.device_id = d.id JOIN send_messages_jobs j ON j.id = m.job_id
     WHERE m.send_by IS NOT NULL AND m.state = 'unknown' AND m.settle_until < clock_timestamp() LIMIT 10000`,
  );
  return rows;
}

/** Jobs whose status was not announced yet; `previous` is what listeners know. Replies in conversations are not announced. */
export async function readUnannouncedJobs(
  db: Database,
): Promise<{ id: string; tenantId: number; previous: JobStatus | null }[]> {
  const { rows } = await db.pool.query<{ id: string; tenantId: number; previous: JobStatus | null }>(
    `SELECT id, tenant_id AS "tenantId", announced_status AS previous FROM send_messages_jobs
     WHERE announced_status IS DISTINCT FROM status AND conversation_id IS NULL LIMIT 1000`,
  );
  return rows;
}

/** Notes that a status was announced; a status that has changed since stays owed. */
export async function markAnnounced(
  db: Database,
  jobs: readonly { id: string; status: JobStatus }[],
): Promise<void> {
  if (jobs.length === 0) return;
  await db.pool.query(
    `UPDATE send_messages_jobs j SET announced_status = a.status
     FROM unnest($1::uuid[], $2::job_status[]) AS a (id, status)
     WHERE j.id = a.id AND j.announced_status IS DISTINCT FROM a.status`,
    [jobs.map((job) => job.id), jobs.map((job) => job.status)],
  );
}

/** Fails jobs that nobody can go on with, see `fail_hopeless_jobs`. @returns their ids */
export async function failHopelessJobs(db: Database): Promise<string[]> {
  const { rows } = await db.pool.query<{ id: string }>(
    "SELECT fail_hopeless_jobs AS id FROM fail_hopeless_jobs()",
  );
  return rows.map((row) => row.id);
}

/** Cancelled and failed jobs that still have rows to cancel. */
export async function readCancellingJobs(db: Database): Promise<string[]> {
  const { rows } = await db.pool.query<{ id: string }>(
    "SELECT id FROM send_messages_jobs WHERE cancelling LIMIT 100",
  );
  return rows.map((row) => row.id);
}

/** Cancels up to `limit` unclaimed messages of a cancelled job. @returns how many; 0 when none is left */
export async function cancelQueued(db: Database, jobId: string, limit: number): Promise<number> {
  const { rows } = await db.pool.query<{ cancelled: number }>("SELECT cancel_queued($1, $2) AS cancelled", [
    jobId,
    limit,
  ]);
  return rows[0]?.cancelled ?? 0;
}

/** Starts scheduled jobs whose time has come. @returns how many */
export async function startScheduledJobs(db: Database): Promise<number> {
  const { rowCount } = await db.pool.query(
    "UPDATE send_messages_jobs SET status = 'pending' WHERE status = 'scheduled' AND scheduled_at <= clock_timestamp()",
  );
  return rowCount ?? 0;
}

/** Devices whose linking was asked for and never done give their browser back. @returns how many */
export async function dropStaleLinks(db: Database, olderThanMs: number): Promise<number> {
  const { rowCount } = await db.pool.query(
    `UPDATE devices SET wanted = false WHERE wanted AND NOT linked
       AND link_requested_at < clock_timestamp() - $1 * interval '1 millisecond'`,
    [olderThanMs],
  );
  return rowCount ?? 0;
}

/** Partitions of the history for this month and the next; what has served its time goes. */
export async function keepHouse(db: Database): Promise<void> {
  await db.pool.query(
    `SELECT ensure_message_events_partition(now()), ensure_message_events_partition(now() + interval '1 month')`,
  );
  await db.pool.query("DELETE FROM idempotency_keys WHERE created_at < now() - interval '1 day'");
  // The longest window of an auto-pause is an hour; a gateway tracks a message for days at most.
  await db.pool.query("DELETE FROM job_seconds WHERE second < now() - interval '2 hours'");
  await db.pool.query("DELETE FROM provider_refs WHERE created_at < now() - interval '30 days'");
}
