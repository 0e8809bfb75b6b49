import type {
  WebhookEndpoint,
  WebhookEndpointCreate,
  WebhookEndpointPatch,
  WebhookEndpointWithSecret,
} from "@pregonero/contracts";
import { toJson } from "../api/rows.ts";
import type { Queryable, Transaction } from "../api/transaction.ts";
import { uuidv7 } from "../api/uuid.ts";
import type { CredentialsKeyring } from "../credentials/keyring.ts";
import { newWebhookSecret, sealWebhookSecret } from "./secrets.ts";

const columns = `id, url, description, event_types, enabled, disabled_reason, disabled_at, failures, failing_since,
  last_success_at, CASE WHEN old_secret_until > clock_timestamp() THEN old_secret_until END AS old_secret_until,
  created_at, updated_at`;

/** Oldest first; a tenant has few. */
export async function listWebhookEndpoints(db: Queryable, tenantId: number): Promise<WebhookEndpoint[]> {
  const { rows } = await db.query<object>(
    `SELECT ${columns} FROM webhook_endpoints WHERE tenant_id = $1 ORDER BY id`,
    [tenantId],
  );
  return rows.map((row) => toJson<WebhookEndpoint>(row));
}

export async function findWebhookEndpoint(
  db: Queryable,
  tenantId: number,
  id: string,
): Promise<WebhookEndpoint | null> {
  const { rows } = await db.query<object>(
    `SELECT ${columns} FROM webhook_endpoints WHERE tenant_id = $1 AND id = $2`,
    [tenantId, id],
  );
  return rows[0] ? toJson<WebhookEndpoint>(rows[0]) : null;
}

/** The answer is the only place where the secret ever stands in full. @returns null when the tenant has `most` already */
export async function createWebhookEndpoint(
  tx: Transaction,
  keyring: CredentialsKeyring,
  request: WebhookEndpointCreate & { readonly tenantId: number; readonly most: number },
): Promise<WebhookEndpointWithSecret | null> {
  const id = uuidv7();
  const secret = newWebhookSecret();
  const { sealed, keyId } = sealWebhookSecret(keyring, id, secret);
  // Two that come at once must not both be the last that fits.
  await tx.query("SELECT 1 FROM tenants WHERE id = $1 FOR NO KEY UPDATE", [request.tenantId]);
  const { rows } = await tx.query<object>(
    `INSERT INTO webhook_endpoints (id, tenant_id, url, description, event_types, enabled, secret, secret_key_id)
     SELECT $1, $2::int, $3, $4, $5::text[], $6::boolean, $7::bytea, $8
     WHERE (SELECT count(*) FROM webhook_endpoints WHERE tenant_id = $2::int) < $9
     RETURNING ${columns}`,
    [
      id,
      request.tenantId,
      request.url,
      request.description,
      request.event_types,
      request.enabled,
      sealed,
      keyId,
      request.most,
    ],
  );
  return rows[0] ? { ...toJson<WebhookEndpoint>(rows[0]), secret } : null;
}

/** Enabling one forgets its failures. @returns null when the tenant has no such endpoint */
export async function patchWebhookEndpoint(
  tx: Transaction,
  key: { readonly tenantId: number; readonly id: string },
  patch: WebhookEndpointPatch,
): Promise<WebhookEndpoint | null> {
  const { rows } = await tx.query<object>(
    `UPDATE webhook_endpoints SET
       url = coalesce($3, url), description = coalesce($4, description), event_types = coalesce($5, event_types),
       enabled = coalesce($6, enabled),
       disabled_at = CASE $6 WHEN false THEN coalesce(disabled_at, clock_timestamp()) WHEN true THEN NULL ELSE disabled_at END,
       disabled_reason = CASE WHEN $6 THEN NULL ELSE disabled_reason END,
       failures = CASE WHEN $6 THEN 0 ELSE failures END,
       failing_since = CASE WHEN $6 THEN NULL ELSE failing_since END,
       rests_until = CASE WHEN $6 THEN NULL ELSE rests_until END,
       updated_at = clock_timestamp()
     WHERE tenant_id = $1 AND id = $2 RETURNING ${columns}`,
    [
      key.tenantId,
      key.id,
      patch.url ?? null,
      patch.description ?? null,
      patch.event_types ?? null,
      patch.enabled ?? null,
    ],
  );
  return rows[0] ? toJson<WebhookEndpoint>(rows[0]) : null;
}

/** What was still owed to it is not sent any more; its log goes in the hours after. */
export async function deleteWebhookEndpoint(tx: Transaction, tenantId: number, id: string): Promise<boolean> {
  const { rowCount } = await tx.query("DELETE FROM webhook_endpoints WHERE tenant_id = $1 AND id = $2", [
    tenantId,
    id,
  ]);
  return rowCount === 1;
}

/** A new secret; the one before signs as well for so long. @returns null when the tenant has no such endpoint */
export async function rotateWebhookSecret(
  tx: Transaction,
  keyring: CredentialsKeyring,
  request: { readonly tenantId: number; readonly id: string; readonly overlapMs: number },
): Promise<WebhookEndpointWithSecret | null> {
  const { tenantId, id, overlapMs } = request;
  const secret = newWebhookSecret();
  const { sealed, keyId } = sealWebhookSecret(keyring, id, secret);
  const { rows } = await tx.query<object>(
    `UPDATE webhook_endpoints SET
       old_secret = CASE WHEN $5::bigint > 0 THEN secret END,
       old_secret_key_id = CASE WHEN $5::bigint > 0 THEN secret_key_id END,
       old_secret_until = CASE WHEN $5::bigint > 0 THEN clock_timestamp() + $5::bigint * interval '1 millisecond' END,
       secret = $3, secret_key_id = $4, updated_at = clock_timestamp()
     WHERE tenant_id = $1 AND id = $2 RETURNING ${columns}`,
    [tenantId, id, sealed, keyId, overlapMs],
  );
  return rows[0] ? { ...toJson<WebhookEndpoint>(rows[0]), secret } : null;
}
