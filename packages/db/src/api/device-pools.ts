import type { DevicePool, DevicePoolWrite } from "@pregonero/contracts";
import type { Database } from "../database.ts";
import { decodeCursor, isNumber, toJson, toPage, type Page } from "./rows.ts";
import type { Queryable, Transaction } from "./transaction.ts";

const select = `SELECT p.id, p.name, p.created_at,
    coalesce((SELECT json_agg(m.device_id ORDER BY m.device_id) FROM device_pool_members m
      JOIN devices d ON d.id = m.device_id AND d.deleted_at IS NULL WHERE m.pool_id = p.id), '[]') AS device_ids
  FROM device_pools p`;

export async function listPools(
  db: Database,
  tenantId: number,
  page: { limit: number; cursor?: string | undefined },
): Promise<Page<DevicePool>> {
  const after = decodeCursor(page.cursor, isNumber)?.[0] ?? 0;
  const { rows } = await db.pool.query<object>(
    `${select} WHERE p.tenant_id = $1 AND p.id > $2 ORDER BY p.id LIMIT $3`,
    [tenantId, after, page.limit + 1],
  );
  return toPage(
    rows.map((row) => toJson<DevicePool>(row)),
    page.limit,
    (pool) => [pool.id],
  );
}

/** By id or by name. */
export async function findPool(
  db: Queryable,
  tenantId: number,
  ref: number | string,
): Promise<DevicePool | null> {
  const { rows } = await db.query<object>(
    `${select} WHERE p.tenant_id = $1 AND ${typeof ref === "number" ? "p.id" : "p.name"} = $2`,
    [tenantId, ref],
  );
  return rows[0] ? toJson<DevicePool>(rows[0]) : null;
}

/** Makes the pool, or makes the existing one of that id what the request says. Rejects with a unique violation when the name is taken. */
export async function writePool(
  tx: Transaction,
  tenantId: number,
  request: DevicePoolWrite,
  id?: number,
): Promise<DevicePool | null> {
  const { rows } =
    id === undefined
      ? await tx.query<{ id: number }>(
          "INSERT INTO device_pools (tenant_id, name) VALUES ($1, $2) RETURNING id",
          [tenantId, request.name],
        )
      : await tx.query<{ id: number }>(
          "UPDATE device_pools SET name = $2 WHERE tenant_id = $1 AND id = $3 RETURNING id",
          [tenantId, request.name, id],
        );
  const poolId = rows[0]?.id;
  if (poolId === undefined) return null;
  await tx.query("DELETE FROM device_pool_members WHERE pool_id = $1", [poolId]);
  await tx.query(
    "INSERT INTO device_pool_members (pool_id, device_id) SELECT $1, * FROM unnest($2::int[]) ON CONFLICT DO NOTHING",
    [poolId, request.device_ids],
  );
  return await findPool(tx, tenantId, poolId);
}

export async function deletePool(tx: Transaction, tenantId: number, id: number): Promise<boolean> {
  const { rowCount } = await tx.query("DELETE FROM device_pools WHERE tenant_id = $1 AND id = $2", [
    tenantId,
    id,
  ]);
  return rowCount === 1;
}
