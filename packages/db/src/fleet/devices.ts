import type { ConnectionState } from "@pregonero/contracts";
import type { Database } from "../database.ts";

/** Writes of the worker that holds the device: each is guarded by the lease's epoch, so a former holder changes nothing. */
interface Held {
  readonly deviceId: number;
  readonly epoch: number;
}

export interface ConnectionChange {
  readonly state: ConnectionState;
  readonly reason: string | null;
  /** What the QR encodes; only with state `qr`. */
  readonly qr?: string;
}

export interface DeviceSummary {
  readonly id: number;
  readonly tenantId: number;
  readonly state: ConnectionState;
  readonly reason: string | null;
  readonly phone: string | null;
  readonly qr: string | null;
}

/** @returns the device as it is now, or null when the lease is not the caller's any more */
export async function recordConnection(
  db: Database,
  held: Held,
  change: ConnectionChange,
): Promise<DeviceSummary | null> {
  const { rows } = await db.pool.query<DeviceSummary>(
    `UPDATE devices SET state = $3::connection_state, state_reason = $4,
       state_changed_at = CASE WHEN state = $3::connection_state THEN state_changed_at ELSE clock_timestamp() END,
       qr_code = $5, qr_at = CASE WHEN $5::text IS NULL THEN NULL ELSE clock_timestamp() END,
       linked = linked OR $3 = 'connected',
       linked_at = CASE WHEN $3 = 'connected' THEN coalesce(linked_at, clock_timestamp()) ELSE linked_at END,
       updated_at = clock_timestamp()
     WHERE id = $1 AND lease_epoch = $2
     RETURNING id, tenant_id AS "tenantId", state, state_reason AS reason, phone, qr_code AS qr`,
    [held.deviceId, held.epoch, change.state, change.reason, change.qr ?? null],
  );
  return rows[0] ?? null;
}

export async function recordPhone(db: Database, held: Held, phone: string): Promise<void> {
  await db.pool.query("UPDATE devices SET phone = $3 WHERE id = $1 AND lease_epoch = $2", [
    held.deviceId,
    held.epoch,
    phone,
  ]);
}

/** The session is gone (unlinked here or on the phone). `wanted` says whether a new QR is to be shown. */
export async function recordUnlinked(db: Database, held: Held, wanted: boolean): Promise<void> {
  await db.pool.query(
    `UPDATE devices SET linked = false, linked_at = NULL, phone = NULL, wanted = $3
     WHERE id = $1 AND lease_epoch = $2`,
    [held.deviceId, held.epoch, wanted],
  );
}

/** Puts the device aside for so many ms: its lanes go to other devices meanwhile. 0 takes it back. */
export async function putAside(
  db: Database,
  held: Held,
  forMs: number,
  reason: string | null,
): Promise<void> {
  await db.pool.query(
    `UPDATE devices SET aside_until = CASE WHEN $3 > 0 THEN clock_timestamp() + $3 * interval '1 millisecond' END,
       aside_reason = $4 WHERE id = $1 AND lease_epoch = $2`,
    [held.deviceId, held.epoch, forMs, reason],
  );
}

/** Nothing goes before so many ms are over, whoever holds the device then; never shortens what is there. */
export async function holdBack(db: Database, held: Held, forMs: number): Promise<void> {
  await db.pool.query(
    `UPDATE devices SET next_send_at = greatest(next_send_at, clock_timestamp() + $3 * interval '1 millisecond')
     WHERE id = $1 AND lease_epoch = $2`,
    [held.deviceId, held.epoch, forMs],
  );
}

/** No worker needs to hold the device; its session stays. */
export async function recordUnwanted(db: Database, held: Held): Promise<void> {
  await db.pool.query("UPDATE devices SET wanted = false WHERE id = $1 AND lease_epoch = $2", [
    held.deviceId,
    held.epoch,
  ]);
}
