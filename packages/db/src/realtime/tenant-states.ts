import type { Database } from "../database.ts";
import type { DeviceSummary } from "../fleet/devices.ts";

/** How the devices of tenants stand now, without those that were deleted. */
export async function readDeviceStates(
  db: Pick<Database, "pool">,
  tenantIds: readonly number[],
): Promise<DeviceSummary[]> {
  const { rows } = await db.pool.query<DeviceSummary>({
    name: "read-device-states",
    text: `SELECT id, tenant_id AS "tenantId", state, state_reason AS reason, phone, qr_code AS qr
           FROM devices WHERE tenant_id = ANY ($1::int[]) AND deleted_at IS NULL ORDER BY id`,
    values: [tenantIds],
  });
  return rows;
}

/** Jobs of tenants that have begun or may begin now, the newest `limit` of each. */
export async function readActiveJobs(
  db: Pick<Database, "pool">,
  tenantIds: readonly number[],
  limit: number,
): Promise<{ id: string; tenantId: number }[]> {
  const { rows } = await db.pool.query<{ id: string; tenantId: number }>({
    name: "read-active-jobs",
    text: `SELECT j.id, t.id AS "tenantId" FROM unnest($1::int[]) AS t (id),
             LATERAL (SELECT id FROM send_messages_jobs
                      WHERE tenant_id = t.id AND conversation_id IS NULL
                        AND status IN ('pending', 'running', 'paused')
                      ORDER BY created_at DESC LIMIT $2) AS j`,
    values: [tenantIds, limit],
  });
  return rows;
}
