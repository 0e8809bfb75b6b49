import type { Database } from "../database.ts";

export type DeviceKind = "whatsapp_web" | "whatsapp_cloud" | "wablas";

/** A device that this worker may drive until the lease ends. */
export interface LeasedDevice {
  readonly id: number;
  readonly tenantId: number;
  readonly name: string;
  readonly kind: DeviceKind;
  readonly url: string | null;
  readonly epoch: number;
  readonly linked: boolean;
  readonly linkedAt: Date | null;
  readonly providerRef: string | null;
  /** When the next message may go by what the former holder wrote down, ms from now; in the past when negative. */
  readonly dueInMs: number | null;
  /** As stored: see `pacingSchema` in packages/contracts. */
  readonly pacing: unknown;
}

/**
 * Takes up to `limit` devices that nobody holds: wanted, and never leased, or with a lease that has run out by the
 * database's clock. Each gets the next epoch, which ends the former holder's claims. `FOR UPDATE SKIP LOCKED`: two
 * workers at once take different devices.
 */
export async function acquireDevices(
  db: Database,
  request: { workerId: string; kinds: readonly DeviceKind[]; limit: number; leaseMs: number },
): Promise<LeasedDevice[]> {
  if (request.limit <= 0) return [];
  const { rows } = await db.pool.query<LeasedDevice>({
    name: "acquire_devices",
    text: `UPDATE devices d SET lease_worker_id = $1, lease_epoch = d.lease_epoch + 1,
        lease_expires_at = clock_timestamp() + $4 * interval '1 millisecond'
      WHERE d.id IN (
        SELECT f.id FROM devices f
        WHERE f.wanted AND f.deleted_at IS NULL AND f.kind = ANY ($2::device_kind[])
          AND (f.lease_worker_id IS NULL OR f.lease_expires_at < clock_timestamp())
        ORDER BY f.linked DESC, f.id LIMIT $3 FOR UPDATE SKIP LOCKED)
      RETURNING d.id, d.tenant_id AS "tenantId", d.name, d.kind, d.url, d.lease_epoch AS epoch, d.linked,
        d.linked_at AS "linkedAt", d.provider_ref AS "providerRef", d.pacing,
        (extract(epoch FROM d.next_send_at - clock_timestamp()) * 1000)::float AS "dueInMs"`,
    values: [request.workerId, request.kinds, request.limit, request.leaseMs],
  });
  return rows;
}

/**
 * Prolongs the leases that are still this worker's and have not run out; one that has run out must be acquired anew.
 *
 * @returns device ids that were prolonged and are still wanted, and those prolonged that nobody wants any more
 */
export async function renewLeases(
  db: Database,
  request: { workerId: string; leases: readonly { deviceId: number; epoch: number }[]; leaseMs: number },
): Promise<{ deviceId: number; wanted: boolean }[]> {
  if (request.leases.length === 0) return [];
  const { rows } = await db.pool.query<{ deviceId: number; wanted: boolean }>({
    name: "renew_leases",
    text: `UPDATE devices d SET lease_expires_at = clock_timestamp() + $4 * interval '1 millisecond'
      FROM unnest($2::int[], $3::int[]) AS mine (id, epoch)
      WHERE d.id = mine.id AND d.lease_epoch = mine.epoch AND d.lease_worker_id = $1
        AND d.lease_expires_at > clock_timestamp()
      RETURNING d.id AS "deviceId", d.wanted AND d.deleted_at IS NULL AS wanted`,
    values: [
      request.workerId,
      request.leases.map((lease) => lease.deviceId),
      request.leases.map((lease) => lease.epoch),
      request.leaseMs,
    ],
  });
  return rows;
}

/** Gives a device back so that another worker can take it at once. Nothing may be under way under the lease. */
export async function releaseLease(
  db: Database,
  lease: { workerId: string; deviceId: number; epoch: number },
): Promise<void> {
  await db.pool.query(
    `UPDATE devices SET lease_worker_id = NULL, lease_expires_at = NULL
     WHERE id = $1 AND lease_worker_id = $2 AND lease_epoch = $3`,
    [lease.deviceId, lease.workerId, lease.epoch],
  );
}
