import { randomUUID } from "node:crypto";
import type { Database } from "../database.ts";

export type BrowserContextStatus = "available" | "busy" | "disconnected" | "error" | "closed";

/** Books a context that was just opened; whatever was open for the device before is closed in the books. */
export async function recordContextOpened(
  db: Database,
  context: { browserSystemId: string; deviceId: number; workerId: string; pid: number | null },
): Promise<void> {
  await db.pool.query(
    `WITH before AS (
       UPDATE browser_context SET status = 'closed', closed_at = clock_timestamp(), updated_at = clock_timestamp()
       WHERE device_id = $3 AND status <> 'closed'
     )
     INSERT INTO browser_context (id, browser_system_id, device_id, worker_id, status, pid, updated_at)
     VALUES ($1, $2, $3, $4, 'disconnected', $5, clock_timestamp())`,
    [randomUUID(), context.browserSystemId, context.deviceId, context.workerId, context.pid],
  );
}

/** `closed` is final. */
export async function recordContextStatus(
  db: Database,
  browserSystemId: string,
  status: BrowserContextStatus,
  error: string | null,
): Promise<void> {
  await db.pool.query(
    `UPDATE browser_context SET status = $2::browser_context_status, error = $3, updated_at = clock_timestamp(),
       closed_at = CASE WHEN $2 = 'closed' THEN clock_timestamp() END
     WHERE browser_system_id = $1 AND status <> 'closed'`,
    [browserSystemId, status, error],
  );
}

export async function recordContextUse(
  db: Database,
  browserSystemId: string,
  use: { sends: number; memoryMb: number | null },
): Promise<void> {
  await db.pool.query(
    `UPDATE browser_context SET sends = sends + $2, memory_mb = coalesce($3, memory_mb), updated_at = clock_timestamp()
     WHERE browser_system_id = $1`,
    [browserSystemId, use.sends, use.memoryMb],
  );
}
