import type { Database } from "@pregonero/db";
import type { Campaign } from "../world/campaigns.ts";
import type { Arrival } from "../world/sandbox.ts";
import type { JobRow, MessageRow, View } from "./judge.ts";

const messagesSql = `
  SELECT m.job_id AS "jobId", m.phone, m.state, m.state = 'unknown' AND m.settle_until IS NOT NULL AS settling,
    m.device_id AS "deviceId",
    concat_ws(', ', m.error_code, m.error_detail, 'attempt ' || m.attempts,
      'due in ' || round(extract(epoch FROM m.due_at - now())) || ' s') AS why
  FROM messages m WHERE m.job_id = ANY ($1::uuid[])`;

const jobsSql = `
  SELECT j.id, j.status, j.total, json_build_object('sending', j.sending, 'sent', j.sent, 'delivered', j.delivered,
      'read', j.read, 'failed', j.failed, 'cancelled', j.cancelled, 'skipped', j.skipped, 'unknown', j.unknown,
      'settling', j.settling) AS counters,
    coalesce((SELECT json_object_agg(l.device_id || ' ' || c.name, c.value)
      FROM lanes l, LATERAL (VALUES ('sent', l.sent), ('failed', l.failed), ('unknown', l.unknown)) AS c (name, value)
      WHERE l.job_id = j.id), '{}') AS lanes
  FROM send_messages_jobs j WHERE j.id = ANY ($1::uuid[])`;

/**
 * What is to be judged: rows by SQL of its own in one snapshot, and the books of the outside world. Nothing that the
 * product says of itself goes in but the counters that are held against it.
 */
export async function observe(
  db: Database,
  arrivals: readonly Arrival[],
  promised: readonly Campaign[],
): Promise<View> {
  const client = await db.pool.connect();
  try {
    await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    const ids = [promised.map(({ jobId }) => jobId)];
    const messages = await client.query<MessageRow>(messagesSql, ids);
    const jobs = await client.query<JobRow>(jobsSql, ids);
    await client.query("COMMIT");
    client.release();
    return { promised, messages: messages.rows, jobs: jobs.rows, arrivals };
  } catch (error) {
    client.release(true);
    throw error;
  }
}
