import type { Database } from "../database.ts";

/** Figures of a tenant as they were kept, and recounted from its messages: they must be equal at every commit. */
export async function statsAndRecount(db: Database, tenantId: number) {
  const none = "'00000000-0000-0000-0000-000000000000'::uuid";
  const { rows } = await db.pool.query<{ kept: object[] | null; recount: object[] | null }>(
    `WITH kept AS (
       SELECT slot, device_id, job_id, sent, delivered, read, failed, replied, received FROM message_stats
       WHERE tenant_id = $1 AND (sent, delivered, read, failed, replied, received) <> (0, 0, 0, 0, 0, 0)
     ), ours AS (
       SELECT CASE m.state WHEN 'failed' THEN m.finished_at ELSE m.sent_at END AS at, m.device_id,
         CASE j.kind WHEN 'single' THEN ${none} ELSE j.id END AS job_id, m.state, m.replied_at
       FROM messages m JOIN send_messages_jobs j ON j.id = m.job_id
       WHERE m.tenant_id = $1 AND m.state IN ('sent', 'delivered', 'read', 'failed') AND m.device_id IS NOT NULL
     ), recount AS (
       SELECT stats_slot(at) AS slot, device_id, job_id, (count(*) FILTER (WHERE state <> 'failed'))::int AS sent,
         (count(*) FILTER (WHERE state IN ('delivered', 'read')))::int AS delivered,
         (count(*) FILTER (WHERE state = 'read'))::int AS read,
         (count(*) FILTER (WHERE state = 'failed'))::int AS failed,
         (count(*) FILTER (WHERE replied_at IS NOT NULL))::int AS replied, 0 AS received
       FROM ours GROUP BY 1, 2, 3
       UNION ALL
       SELECT stats_slot(at), device_id, ${none}, 0, 0, 0, 0, 0, count(*)::int FROM inbound_messages
       WHERE tenant_id = $1 AND NOT from_me GROUP BY 1, 2
     ), summed AS (
       SELECT slot, device_id, job_id, sum(sent)::int AS sent, sum(delivered)::int AS delivered, sum(read)::int AS read,
         sum(failed)::int AS failed, sum(replied)::int AS replied, sum(received)::int AS received
       FROM recount GROUP BY 1, 2, 3
     )
     SELECT (SELECT json_agg(k ORDER BY slot, device_id, job_id) FROM kept k) AS kept,
       (SELECT json_agg(s ORDER BY slot, device_id, job_id) FROM summed s) AS recount`,
    [tenantId],
  );
  return { kept: rows[0]?.kept ?? [], recount: rows[0]?.recount ?? [] };
}
