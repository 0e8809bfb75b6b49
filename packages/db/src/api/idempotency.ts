import type { Transaction } from "./transaction.ts";

export interface StoredAnswer {
  readonly status: number;
  readonly body: unknown;
}

export interface IdempotentRequest {
  readonly tenantId: number;
  readonly key: string;
  /** Of method, path and body: tells a repetition from a key that was used twice. */
  readonly requestHash: string;
}

/** The key was used for another request. */
export class KeyReused extends Error {
  override readonly name = "KeyReused";
}

/**
 * Books the key in this transaction. A second caller waits here for the first to commit and then gets its answer; if
 * the first rolls back, the second goes ahead. Locks the key's row until the transaction ends.
 *
 * @returns the answer of the request that came first, or null when this is the first
 * @throws KeyReused
 */
export async function beginIdempotent(
  tx: Transaction,
  request: IdempotentRequest,
): Promise<StoredAnswer | null> {
  const booked = await tx.query(
    `INSERT INTO idempotency_keys (tenant_id, key, request_hash, status, body) VALUES ($1, $2, $3, 0, 'null')
     ON CONFLICT DO NOTHING`,
    [request.tenantId, request.key, request.requestHash],
  );
  if (booked.rowCount === 1) return null;
  const { rows } = await tx.query<StoredAnswer & { hash: string }>(
    "SELECT request_hash AS hash, status, body FROM idempotency_keys WHERE tenant_id = $1 AND key = $2",
    [request.tenantId, request.key],
  );
  const stored = rows[0];
  if (!stored) throw new Error("an idempotency key went away while it was looked up");
  if (stored.hash !== request.requestHash) throw new KeyReused("the key belongs to another request");
  return { status: stored.status, body: stored.body };
}

/** Stores the answer beside what it tells about, in the same transaction. */
export async function finishIdempotent(
  tx: Transaction,
  request: IdempotentRequest,
  answer: StoredAnswer,
): Promise<void> {
  await tx.query("UPDATE idempotency_keys SET status = $3, body = $4 WHERE tenant_id = $1 AND key = $2", [
    request.tenantId,
    request.key,
    answer.status,
    JSON.stringify(answer.body),
  ]);
}
