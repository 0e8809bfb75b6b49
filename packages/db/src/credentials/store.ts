import type { DeviceCredentials } from "@pregonero/contracts";
import type { Queryable } from "../api/transaction.ts";
import type { Database } from "../database.ts";
import type { CredentialsKeyring } from "./keyring.ts";
import { CredentialsUnreadable } from "./cipher.ts";
import { openCredentials, sealCredentials } from "./seal.ts";

/**
 * Seals and stores the credentials of a device in place of those that it had. Mutates.
 *
 * @returns false when the tenant has no such device of that kind
 */
export async function saveCredentials(
  db: Queryable,
  keyring: CredentialsKeyring,
  device: { readonly tenantId: number; readonly deviceId: number; readonly credentials: DeviceCredentials },
): Promise<boolean> {
  const { tenantId, deviceId, credentials } = device;
  const { sealed, keyId } = sealCredentials(keyring.current, tenantId, credentials);
  const { rowCount } = await db.query(
    `UPDATE devices SET credentials = $4, credentials_key_id = $5, updated_at = clock_timestamp()
     WHERE id = $1 AND tenant_id = $2 AND kind = $3::device_kind AND deleted_at IS NULL`,
    [deviceId, tenantId, credentials.kind, sealed, keyId],
  );
  return rowCount === 1;
}

/**
 * @returns null when there is no such device or nothing is stored for it
 * @throws CredentialsUnreadable
 */
export async function readCredentials(
  db: Database,
  deviceId: number,
  keyring: CredentialsKeyring,
): Promise<DeviceCredentials | null> {
  const { rows } = await db.pool.query<{
    tenantId: number;
    kind: "whatsapp_web" | DeviceCredentials["kind"];
    sealed: Buffer | null;
    keyId: string | null;
  }>(
    `SELECT tenant_id AS "tenantId", kind, credentials AS sealed, credentials_key_id AS "keyId"
     FROM devices WHERE id = $1 AND deleted_at IS NULL`,
    [deviceId],
  );
  const [row] = rows;
  if (!row || row.sealed === null) return null;
  const { tenantId, kind, sealed, keyId } = row;
  if (kind === "whatsapp_web") throw new CredentialsUnreadable("this kind of device has none");
  return openCredentials(keyring, { tenantId, kind }, { sealed, keyId: keyId ?? "" });
}

/**
 * Seals again what was sealed with a key from before, so that this key can be taken out of the settings. Mutates; each
 * row by itself, so it may be broken off and run again.
 *
 * @returns how many rows were sealed again
 */
export async function resealCredentials(db: Database, keyring: CredentialsKeyring): Promise<number> {
  const { rows } = await db.pool.query<{ id: number; tenantId: number; sealed: Buffer }>(
    `SELECT id, tenant_id AS "tenantId", credentials AS sealed FROM devices
     WHERE credentials IS NOT NULL AND credentials_key_id <> $1 AND deleted_at IS NULL ORDER BY id`,
    [keyring.current.id],
  );
  let resealed = 0;
  for (const { id, tenantId, sealed: before } of rows) {
    const credentials = await readCredentials(db, id, keyring);
    if (!credentials) continue;
    const { sealed, keyId } = sealCredentials(keyring.current, tenantId, credentials);
    // Unless somebody has stored other ones meanwhile.
    const { rowCount } = await db.pool.query(
      "UPDATE devices SET credentials = $2, credentials_key_id = $3 WHERE id = $1 AND credentials = $4",
      [id, sealed, keyId, before],
    );
    resealed += rowCount ?? 0;
  }
  return resealed;
}
