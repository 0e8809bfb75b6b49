import type { BrowserContext, BrowserContextStatus } from "@pregonero/contracts";
import type { Database } from "../database.ts";
import { decodeCursor, isNumber, toJson, toPage, type Page } from "./rows.ts";
import type { Queryable } from "./transaction.ts";

/** A device's context: the open one, else the one that was open last. */
const newest = `SELECT DISTINCT ON (b.device_id) b.device_id, d.name AS device_name, b.status, b.error, b.sends, b.memory_mb,
    b.created_at, b.updated_at, b.closed_at
  FROM browser_context b JOIN devices d ON d.id = b.device_id
  WHERE d.tenant_id = $1 AND d.deleted_at IS NULL`;
const order = "ORDER BY b.device_id, (b.status <> 'closed') DESC, b.created_at DESC";

export interface ContextFilters {
  readonly status?: BrowserContextStatus | undefined;
  readonly deviceId?: number | undefined;
}

export async function listBrowserContexts(
  db: Database,
  tenantId: number,
  page: ContextFilters & { limit: number; cursor?: string | undefined },
): Promise<Page<BrowserContext>> {
  const after = decodeCursor(page.cursor, isNumber)?.[0] ?? 0;
  const { rows } = await db.pool.query<object>(
    `SELECT * FROM (${newest} AND b.device_id > $4 AND ($2::int IS NULL OR b.device_id = $2) ${order}) c
     WHERE $3::browser_context_status IS NULL OR c.status = $3 ORDER BY c.device_id LIMIT $5`,
    [tenantId, page.deviceId ?? null, page.status ?? null, after, page.limit + 1],
  );
  return toPage(
    rows.map((row) => toJson<BrowserContext>(row)),
    page.limit,
    (context) => [context.device_id],
  );
}

export async function findBrowserContext(
  db: Queryable,
  tenantId: number,
  deviceId: number,
): Promise<BrowserContext | null> {
  const { rows } = await db.query<object>(`${newest} AND b.device_id = $2 ${order}`, [tenantId, deviceId]);
  return rows[0] ? toJson<BrowserContext>(rows[0]) : null;
}

/**
 * Writes a status that an admin gave. Only for a context whose device no worker holds: a worker's own are its to write.
 * A context that is closed stays closed.
 */
export async function overwriteContextStatus(
  tx: Queryable,
  deviceId: number,
  status: BrowserContextStatus,
): Promise<boolean> {
  const { rowCount } = await tx.query(
    `UPDATE browser_context SET status = $2::browser_context_status, updated_at = clock_timestamp(),
       closed_at = CASE WHEN $2 = 'closed' THEN clock_timestamp() END
     WHERE device_id = $1 AND status <> 'closed'`,
    [deviceId, status],
  );
  return (rowCount ?? 0) > 0;
}
