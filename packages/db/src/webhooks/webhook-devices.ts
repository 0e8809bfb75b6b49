import type { Queryable } from "../api/transaction.ts";
import type { DeviceKind } from "../leases/leases.ts";

/** The device that an address of a webhook belongs to. */
export interface WebhookDevice {
  readonly id: number;
  readonly tenantId: number;
  readonly kind: DeviceKind;
  readonly providerRef: string | null;
}

const columns = `id, tenant_id AS "tenantId", kind, provider_ref AS "providerRef"`;

export async function findWebhookDevice(
  db: Queryable,
  kind: DeviceKind,
  token: string,
): Promise<WebhookDevice | null> {
  const { rows } = await db.query<WebhookDevice>({
    name: "find_webhook_device",
    text: `SELECT ${columns} FROM devices WHERE webhook_token = $1 AND kind = $2 AND deleted_at IS NULL`,
    values: [token, kind],
  });
  return rows[0] ?? null;
}

/** The device of the same tenant that the provider knows under `providerRef`: an app's numbers share one address. */
export async function findWebhookNumber(
  db: Queryable,
  { tenantId, kind }: WebhookDevice,
  providerRef: string,
): Promise<WebhookDevice | null> {
  const { rows } = await db.query<WebhookDevice>(
    `SELECT ${columns} FROM devices
     WHERE tenant_id = $1 AND kind = $2 AND provider_ref = $3 AND deleted_at IS NULL ORDER BY id LIMIT 1`,
    [tenantId, kind, providerRef],
  );
  return rows[0] ?? null;
}

/** Puts a device aside by the provider's word, whoever holds it; never shortens what is there. Mutates. */
export async function asideDevice(
  db: Queryable,
  deviceId: number,
  aside: { forMs: number; reason: string },
): Promise<void> {
  await db.query(
    `UPDATE devices SET aside_until = clock_timestamp() + $2 * interval '1 millisecond', aside_reason = $3
     WHERE id = $1 AND coalesce(aside_until, '-infinity') < clock_timestamp() + $2 * interval '1 millisecond'`,
    [deviceId, aside.forMs, aside.reason],
  );
}
