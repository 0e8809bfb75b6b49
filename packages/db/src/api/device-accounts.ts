import type { Queryable } from "./transaction.ts";

/** A device that speaks to a provider in somebody's name. */
export interface DeviceAccount {
  readonly providerRef: string | null;
  readonly webhookToken: string;
  readonly phone: string | null;
}

/** The secret part of the address of the device's webhooks; null when it has none yet. */
export async function readWebhookToken(db: Queryable, id: number): Promise<string | null> {
  const { rows } = await db.query<{ token: string | null }>(
    "SELECT webhook_token AS token FROM devices WHERE id = $1",
    [id],
  );
  return rows[0]?.token ?? null;
}

/** The device's credentials are stored: a worker is to hold it, and nothing keeps it aside. Mutates. */
export async function linkAccount(tx: Queryable, id: number, account: DeviceAccount): Promise<void> {
  await tx.query(
    `UPDATE devices SET provider_ref = $2, webhook_token = $3, phone = coalesce($4, phone), wanted = true,
       linked = true, linked_at = coalesce(linked_at, clock_timestamp()), aside_until = NULL, aside_reason = NULL,
       updated_at = clock_timestamp()
     WHERE id = $1`,
    [id, account.providerRef, account.webhookToken, account.phone],
  );
}

/** Forgets the credentials: no worker holds the device any more, and its webhooks are not taken. Mutates. */
export async function unlinkAccount(tx: Queryable, id: number): Promise<void> {
  await tx.query(
    `UPDATE devices SET credentials = NULL, credentials_key_id = NULL, provider_ref = NULL, webhook_token = NULL,
       wanted = false, linked = false, linked_at = NULL, phone = NULL, updated_at = clock_timestamp()
     WHERE id = $1`,
    [id],
  );
}

/** Takes a device back that was put aside. Mutates. @returns whether the tenant has it */
export async function takeBack(tx: Queryable, tenantId: number, id: number): Promise<boolean> {
  const { rowCount } = await tx.query(
    `UPDATE devices SET aside_until = NULL, aside_reason = NULL, updated_at = clock_timestamp()
     WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL`,
    [tenantId, id],
  );
  return rowCount === 1;
}
