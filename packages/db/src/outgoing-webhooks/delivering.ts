import type { Database } from "../database.ts";
import type { SealedCredentials } from "../credentials/cipher.ts";
import { retrying } from "../retrying.ts";

/** A delivery that this worker is to make. */
export interface ClaimedWebhook {
  readonly id: number;
  readonly endpointId: string;
  readonly tenantId: number;
  readonly eventId: string;
  readonly eventType: string;
  readonly occurredAt: Date;
  readonly data: Record<string, unknown>;
  /** Number of the try, from 1: the identity of the claim. */
  readonly attempt: number;
  readonly url: string;
  readonly secret: SealedCredentials;
  /** Null when no former one is valid. */
  readonly oldSecret: SealedCredentials | null;
}

interface ClaimedRow {
  id: number;
  endpoint_id: string;
  tenant_id: number;
  event_id: string;
  event_type: string;
  occurred_at: Date;
  data: Record<string, unknown>;
  attempt: number;
  url: string;
  secret: Buffer;
  secret_key_id: string;
  old_secret: Buffer | null;
  old_secret_key_id: string | null;
}

export interface WebhookClaimRequest {
  readonly workerId: string;
  readonly limit: number;
  /** Most under way at once for one endpoint, over all workers. */
  readonly perEndpoint: number;
  /** How long the claim holds without a report. */
  readonly leaseMs: number;
}

/** See `claim_webhook_deliveries` in prisma/migrations. Mutates. */
export async function claimWebhooks(db: Database, request: WebhookClaimRequest): Promise<ClaimedWebhook[]> {
  const { workerId, limit, perEndpoint, leaseMs } = request;
  const { rows } = await db.pool.query<ClaimedRow>({
    name: "claim_webhooks",
    text: "SELECT * FROM claim_webhook_deliveries($1, $2, $3, $4)",
    values: [workerId, limit, perEndpoint, leaseMs],
  });
  return rows.map((row) => ({
    id: row.id,
    endpointId: row.endpoint_id,
    tenantId: row.tenant_id,
    eventId: row.event_id,
    eventType: row.event_type,
    occurredAt: row.occurred_at,
    data: row.data,
    attempt: row.attempt,
    url: row.url,
    secret: { sealed: row.secret, keyId: row.secret_key_id },
    oldSecret:
      row.old_secret === null ? null : { sealed: row.old_secret, keyId: row.old_secret_key_id ?? "" },
  }));
}

/** What a try came to. */
export interface WebhookResult {
  readonly id: number;
  readonly attempt: number;
  readonly outcome: "delivered" | "retry" | "failed" | "gone";
  /** `retry`: until the next try. */
  readonly delayMs?: number | undefined;
  /** The endpoint asked to be left alone for so long. */
  readonly restMs?: number | undefined;
  /** HTTP; null when there was no answer. */
  readonly status: number | null;
  /** For people, when it did not succeed. */
  readonly error: string | null;
  readonly excerpt: string | null;
  readonly durationMs: number;
}

export interface DisableRule {
  /** Tries in a row that failed, and … */
  readonly failures: number;
  /** … since when, ms: both are needed. */
  readonly afterMs: number;
}

export interface DisabledEndpoint {
  readonly endpointId: string;
  readonly tenantId: number;
  readonly reason: string;
}

/** See `record_webhook_results` in prisma/migrations: a report of a claim that is lost changes nothing. Mutates. */
export async function recordWebhooks(
  db: Database,
  workerId: string,
  results: readonly WebhookResult[],
  rule: DisableRule,
): Promise<DisabledEndpoint[]> {
  const { rows } = await retrying(() =>
    db.pool.query<DisabledEndpoint>({
      name: "record_webhooks",
      text: `SELECT endpoint_id AS "endpointId", tenant_id AS "tenantId", reason
        FROM record_webhook_results($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
      values: [
        workerId,
        results.map((r) => r.id),
        results.map((r) => r.attempt),
        results.map((r) => r.outcome),
        results.map((r) => r.delayMs ?? null),
        results.map((r) => r.restMs ?? null),
        results.map((r) => r.status),
        results.map((r) => r.error),
        results.map((r) => r.excerpt),
        results.map((r) => r.durationMs),
        rule.failures,
        rule.afterMs,
      ],
    }),
  );
  return rows;
}

/**
 * Deletes a chunk of what is older than that, and of what belongs to endpoints that are gone. Mutates; called until it
 * returns 0: one transaction over a month's rows would keep vacuum from its work.
 */
export async function sweepWebhooks(db: Database, olderThanMs: number, chunk: number): Promise<number> {
  // Ids grow with time: the oldest are the first of the primary key, and when they are not old, none is.
  const { rowCount: old } = await db.pool.query(
    `DELETE FROM webhook_deliveries WHERE id IN (SELECT id FROM webhook_deliveries ORDER BY id LIMIT $2)
       AND created_at < clock_timestamp() - $1 * interval '1 millisecond'`,
    [olderThanMs, chunk],
  );
  const { rowCount: orphans } = await db.pool.query(
    `WITH RECURSIVE known AS (
       (SELECT endpoint_id FROM webhook_deliveries ORDER BY endpoint_id LIMIT 1)
       UNION ALL
       SELECT (SELECT d.endpoint_id FROM webhook_deliveries d WHERE d.endpoint_id > k.endpoint_id
         ORDER BY d.endpoint_id LIMIT 1) FROM known k WHERE k.endpoint_id IS NOT NULL
     ), orphan AS (
       SELECT k.endpoint_id FROM known k WHERE k.endpoint_id IS NOT NULL
         AND NOT EXISTS (SELECT 1 FROM webhook_endpoints e WHERE e.id = k.endpoint_id) LIMIT 1
     )
     DELETE FROM webhook_deliveries WHERE id IN (
       SELECT d.id FROM webhook_deliveries d JOIN orphan o ON d.endpoint_id = o.endpoint_id LIMIT $1)`,
    [chunk],
  );
  return (old ?? 0) + (orphans ?? 0);
}
