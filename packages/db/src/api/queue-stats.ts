import type { Database } from "../database.ts";

export interface DeviceBacklog {
  readonly deviceId: number;
  readonly name: string;
  /** Messages that wait in the unfinished jobs that the device has an active lane in. */
  readonly waiting: number;
}

export interface TenantBacklog {
  readonly devices: DeviceBacklog[];
  readonly messages: { readonly waiting: number; readonly sending: number; readonly settling: number };
}

const waiting = "j.total - j.sending - j.sent - j.failed - j.cancelled - j.skipped - j.unknown";

/** From the counters of unfinished jobs: no message is counted. */
export async function readBacklog(db: Database, tenantId: number): Promise<TenantBacklog> {
  const { rows } = await db.pool.query<DeviceBacklog>(
    `SELECT d.id AS "deviceId", d.name, coalesce(sum(${waiting}) FILTER (WHERE l.status = 'active'), 0)::int AS waiting
     FROM devices d LEFT JOIN (lanes l JOIN send_messages_jobs j
       ON j.id = l.job_id AND j.status IN ('pending', 'running', 'paused')) ON l.device_id = d.id
     WHERE d.tenant_id = $1 AND d.deleted_at IS NULL GROUP BY d.id, d.name ORDER BY d.id LIMIT 1000`,
    [tenantId],
  );
  const totals = await db.pool.query<TenantBacklog["messages"]>(
    `SELECT coalesce(sum(${waiting}), 0)::int AS waiting, coalesce(sum(j.sending), 0)::int AS sending,
       coalesce(sum(j.settling), 0)::int AS settling
     FROM send_messages_jobs j WHERE j.tenant_id = $1 AND j.status IN ('pending', 'running', 'paused')`,
    [tenantId],
  );
  return { devices: rows, messages: totals.rows[0] ?? { waiting: 0, sending: 0, settling: 0 } };
}
