import type { ApiKey, ApiKeyCreate, ApiKeyCreated, Role } from "@pregonero/contracts";
import { createHash, randomBytes } from "node:crypto";
import type { Database } from "../database.ts";
import { decodeCursor, isUuid, toJson, toPage, type Page } from "./rows.ts";
import type { Queryable } from "./transaction.ts";
import { uuidv7 } from "./uuid.ts";

/** How every key begins: tells it from a JWT, and secret scanners what they have found. */
export const apiKeyPrefix = "pgn_";

/** 256 bits: a plain SHA-256 of it cannot be guessed back. */
const keyBytes = 32;
const shownLength = apiKeyPrefix.length + 6;

const columns = "id, name, prefix, role, expires_at, revoked_at, last_used_at, created_at";

const hashOf = (key: string): Buffer => createHash("sha256").update(key).digest();

/** Makes a key. The answer is the only place where it ever stands in full. */
export async function createApiKey(
  tx: Queryable,
  request: ApiKeyCreate & { tenantId: number },
): Promise<ApiKeyCreated> {
  const key = apiKeyPrefix + randomBytes(keyBytes).toString("base64url");
  const { rows } = await tx.query<object>(
    `INSERT INTO api_keys (id, tenant_id, name, prefix, key_hash, role, expires_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING ${columns}`,
    [
      uuidv7(),
      request.tenantId,
      request.name,
      key.slice(0, shownLength),
      hashOf(key),
      request.role,
      request.expires_at ?? null,
    ],
  );
  return { ...toJson<ApiKey>(rows[0] ?? {}), key };
}

/** Newest first. */
export async function listApiKeys(
  db: Database,
  tenantId: number,
  page: { limit: number; cursor?: string | undefined },
): Promise<Page<ApiKey>> {
  const before = decodeCursor(page.cursor, isUuid)?.[0] ?? null;
  const { rows } = await db.pool.query<object>(
    `SELECT ${columns} FROM api_keys WHERE tenant_id = $1 AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3`,
    [tenantId, before, page.limit + 1],
  );
  return toPage(
    rows.map((row) => toJson<ApiKey>(row)),
    page.limit,
    (key) => [key.id],
  );
}

/** Ends a key at once. @returns whether the tenant has such a key */
export async function revokeApiKey(tx: Queryable, tenantId: number, id: string): Promise<boolean> {
  const { rowCount } = await tx.query(
    "UPDATE api_keys SET revoked_at = coalesce(revoked_at, clock_timestamp()) WHERE tenant_id = $1 AND id = $2",
    [tenantId, id],
  );
  return rowCount === 1;
}

export interface KeyHolder {
  readonly keyId: string;
  readonly name: string;
  readonly tenantId: number;
  readonly role: Role;
  readonly expiresAt: Date | null;
}

/** Whose key this is; null when it does not exist, has expired or was revoked. Notes its use, to the minute. */
export async function findKeyHolder(db: Database, key: string): Promise<KeyHolder | null> {
  const { rows } = await db.pool.query<KeyHolder & { stale: boolean }>({
    name: "find_key_holder",
    text: `SELECT id AS "keyId", name, tenant_id AS "tenantId", role, expires_at AS "expiresAt",
        coalesce(last_used_at, '-infinity') < clock_timestamp() - interval '1 minute' AS stale
      FROM api_keys
      WHERE key_hash = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > clock_timestamp())`,
    values: [hashOf(key)],
  });
  const found = rows[0];
  if (!found) return null;
  const { stale, ...holder } = found;
  if (stale)
    await db.pool.query("UPDATE api_keys SET last_used_at = clock_timestamp() WHERE id = $1", [holder.keyId]);
  return holder;
}
