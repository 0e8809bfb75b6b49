import type { ChatMedia } from "@pregonero/contracts";
import type { Queryable, Transaction } from "../api/transaction.ts";
import { uuidv7 } from "../api/uuid.ts";
import type { Database } from "../database.ts";

/** A file that a provider told of; `ref` is what the device's channel fetches it by. */
export interface TellOfMedia {
  readonly type: ChatMedia["type"];
  readonly contentType: string;
  readonly filename: string | null;
  readonly ref: string;
}

/** Notes the file of a message that came in: the holder of the device fetches it. Mutates. @returns its id */
export async function noteMedia(
  tx: Transaction,
  of: { tenantId: number; deviceId: number; inboundId: string },
  media: TellOfMedia,
): Promise<string> {
  const id = uuidv7();
  await tx.query(
    `WITH made AS (
       INSERT INTO chat_media (id, tenant_id, device_id, inbound_id, type, content_type, filename, provider_ref, created_by)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9))
     UPDATE inbound_messages SET media_id = $1 WHERE id = $4`,
    [
      id,
      of.tenantId,
      of.deviceId,
      of.inboundId,
      media.type,
      media.contentType,
      media.filename,
      media.ref,
      `device:${of.deviceId}`,
    ],
  );
  return id;
}

/** Notes a file that was uploaded and is stored already. Mutates. */
export async function addUpload(
  tx: Queryable,
  upload: {
    id: string;
    tenantId: number;
    type: ChatMedia["type"];
    contentType: string;
    filename: string | null;
    bytes: number;
    storageKey: string;
    by: string;
  },
): Promise<ChatMedia> {
  const { id, type, contentType, filename, bytes } = upload;
  await tx.query(
    `INSERT INTO chat_media (id, tenant_id, type, content_type, filename, bytes, storage_key, state, created_by)
     VALUES ($1, $2, $3, $4, $5, $6, $7, 'ready', $8)`,
    [id, upload.tenantId, type, contentType, filename, bytes, upload.storageKey, upload.by],
  );
  return { id, type, content_type: contentType, filename, bytes, state: "ready" };
}

export interface StoredMedia extends ChatMedia {
  /** Null until it is fetched. */
  readonly storage_key: string | null;
}

export async function findMedia(db: Queryable, tenantId: number, id: string): Promise<StoredMedia | null> {
  const { rows } = await db.query<StoredMedia>(
    `SELECT id, type, content_type, filename, bytes, state, storage_key FROM chat_media
     WHERE tenant_id = $1 AND id = $2`,
    [tenantId, id],
  );
  return rows[0] ?? null;
}

/** A file that is still to be fetched from its provider. */
export interface PendingMedia {
  readonly id: string;
  readonly tenantId: number;
  readonly ref: string;
  readonly attempt: number;
}

/** Files of the device whose time has come; each is put off meanwhile, should this process die over it. Mutates. */
export async function takePendingMedia(
  db: Database,
  deviceId: number,
  options: { limit: number; putOffMs: number },
): Promise<PendingMedia[]> {
  const { rows } = await db.pool.query<PendingMedia>({
    name: "take_pending_media",
    text: `UPDATE chat_media f SET attempts = f.attempts + 1,
        next_try_at = clock_timestamp() + $3 * interval '1 millisecond'
      WHERE f.id IN (SELECT p.id FROM chat_media p WHERE p.device_id = $1 AND p.state = 'pending'
        AND p.next_try_at <= clock_timestamp() ORDER BY p.next_try_at LIMIT $2 FOR UPDATE SKIP LOCKED)
      RETURNING f.id, f.tenant_id AS "tenantId", f.provider_ref AS ref, f.attempts AS attempt`,
    values: [deviceId, options.limit, options.putOffMs],
  });
  return rows;
}

/** The file is stored. Mutates. @returns the inbound message that it belongs to */
export async function mediaFetched(
  db: Database,
  id: string,
  file: { contentType: string; bytes: number; storageKey: string },
): Promise<void> {
  await db.pool.query(
    `UPDATE chat_media SET state = 'ready', content_type = $2, bytes = $3, storage_key = $4, error = NULL
     WHERE id = $1 AND state = 'pending'`,
    [id, file.contentType, file.bytes, file.storageKey],
  );
}

/** It could not be had: tried again after `retryMs`, or given up when that is null. Mutates. */
export async function mediaFailed(
  db: Database,
  id: string,
  failure: { error: string; retryMs: number | null },
): Promise<void> {
  await db.pool.query(
    `UPDATE chat_media SET error = $2, state = CASE WHEN $3::float IS NULL THEN 'failed' ELSE state END::media_state,
       next_try_at = clock_timestamp() + coalesce($3, 0) * interval '1 millisecond'
     WHERE id = $1 AND state = 'pending'`,
    [id, failure.error, failure.retryMs],
  );
}

/** The message that a file belongs to; null for uploads. */
export async function messageOfMedia(
  db: Queryable,
  id: string,
): Promise<{ conversationId: string; messageId: string } | null> {
  const { rows } = await db.query<{ conversationId: string; messageId: string }>(
    `SELECT i.conversation_id AS "conversationId", i.id AS "messageId" FROM chat_media f
     JOIN inbound_messages i ON i.id = f.inbound_id WHERE f.id = $1`,
    [id],
  );
  return rows[0] ?? null;
}
