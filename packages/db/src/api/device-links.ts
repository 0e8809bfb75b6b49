import type { Queryable } from "./transaction.ts";

/** Asks for the device to be held by a worker and signed in. @returns whether the tenant has it */
export async function requestLink(tx: Queryable, tenantId: number, id: number): Promise<boolean> {
  const { rowCount } = await tx.query(
    `UPDATE devices SET wanted = true, link_requested_at = clock_timestamp(), updated_at = clock_timestamp()
     WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL`,
    [tenantId, id],
  );
  return rowCount === 1;
}

/** Whether a worker holds the device now, and so can be asked to do something. */
export async function isHeld(db: Queryable, id: number): Promise<boolean> {
  const { rowCount } = await db.query(
    "SELECT 1 FROM devices WHERE id = $1 AND lease_worker_id IS NOT NULL AND lease_expires_at > clock_timestamp()",
    [id],
  );
  return rowCount === 1;
}

/** Forgets the session of a device that no worker holds. A worker that holds it does that itself, after the logout. */
export async function forgetLink(tx: Queryable, id: number): Promise<void> {
  await tx.query(
    `UPDATE devices SET wanted = false, linked = false, linked_at = NULL, phone = NULL, qr_code = NULL, qr_at = NULL,
       state = 'disconnected', state_reason = 'unlinked', updated_at = clock_timestamp(),
       state_changed_at = CASE WHEN state = 'disconnected' THEN state_changed_at ELSE clock_timestamp() END
     WHERE id = $1`,
    [id],
  );
}

export async function readQr(db: Queryable, id: number): Promise<{ code: string; shownAt: Date } | null> {
  const { rows } = await db.query<{ code: string; shownAt: Date }>(
    `SELECT qr_code AS code, qr_at AS "shownAt" FROM devices
     WHERE id = $1 AND state = 'qr' AND qr_code IS NOT NULL AND qr_at IS NOT NULL`,
    [id],
  );
  return rows[0] ?? null;
}
