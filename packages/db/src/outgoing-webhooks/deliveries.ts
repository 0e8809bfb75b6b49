import type {
  WebhookDelivery,
  WebhookDeliveryDetail,
  WebhookDeliveryStatus,
  WebhookReplay,
} from "@pregonero/contracts";
import { decodeCursor, isNumber, toJson, toPage, type Page } from "../api/rows.ts";
import type { Queryable } from "../api/transaction.ts";

const columns = `d.id, d.endpoint_id, d.event_id, d.event_type, d.status, d.attempts,
  CASE WHEN d.status = 'pending' THEN d.next_attempt_at END AS next_attempt_at, d.last_attempt_at, d.response_status,
  d.error, d.duration_ms, d.occurred_at, d.created_at, d.finished_at`;

export interface WebhookDeliveryFilters {
  readonly endpointId?: string | undefined;
  readonly eventType?: string | undefined;
  readonly status?: WebhookDeliveryStatus | undefined;
  readonly since?: string | undefined;
  readonly until?: string | undefined;
}

/** Newest first, by the order in which they were written. */
export async function listWebhookDeliveries(
  db: Queryable,
  tenantId: number,
  filters: WebhookDeliveryFilters & { readonly limit: number; readonly cursor?: string | undefined },
): Promise<Page<WebhookDelivery>> {
  const before = decodeCursor(filters.cursor, isNumber)?.[0] ?? null;
  const { endpointId = null, eventType = null, status = null, since = null, until = null } = filters;
  // The newest of each endpoint, which an index has in order, and of those the newest: a tenant has few endpoints.
  const { rows } = await db.query<object>(
    `SELECT d.* FROM webhook_endpoints e CROSS JOIN LATERAL (
       SELECT ${columns} FROM webhook_deliveries d
       WHERE d.endpoint_id = e.id AND ($3::bigint IS NULL OR d.id < $3) AND ($4::text IS NULL OR d.event_type = $4)
         AND ($5::webhook_delivery_status IS NULL OR d.status = $5)
         AND ($6::timestamptz IS NULL OR d.occurred_at >= $6) AND ($7::timestamptz IS NULL OR d.occurred_at < $7)
       ORDER BY d.id DESC LIMIT $8
     ) d
     WHERE e.tenant_id = $1 AND ($2::uuid IS NULL OR e.id = $2) ORDER BY d.id DESC LIMIT $8`,
    [tenantId, endpointId, before, eventType, status, since, until, filters.limit + 1],
  );
  return toPage(
    rows.map((row) => toJson<WebhookDelivery>(row)),
    filters.limit,
    (delivery) => [delivery.id],
  );
}

type DetailRow = WebhookDelivery &
  Pick<WebhookDeliveryDetail, "response_excerpt" | "tries"> & { data: Record<string, unknown> };

export async function findWebhookDelivery(
  db: Queryable,
  tenantId: number,
  id: number,
): Promise<WebhookDeliveryDetail | null> {
  const { rows } = await db.query<object>(
    `SELECT ${columns}, d.response_excerpt, d.tries, d.data
     FROM webhook_deliveries d JOIN webhook_endpoints e ON e.id = d.endpoint_id
     WHERE d.id = $2 AND e.tenant_id = $1`,
    [tenantId, id],
  );
  if (!rows[0]) return null;
  const { data, ...delivery } = toJson<DetailRow>(rows[0]);
  const { event_id, event_type, occurred_at } = delivery;
  return { ...delivery, body: { id: event_id, type: event_type, created_at: occurred_at, data } };
}

/** A test event for this endpoint alone. @returns the id of its delivery */
export async function pingWebhook(db: Queryable, tenantId: number, endpointId: string): Promise<number> {
  const { rows } = await db.query<{ id: number }>(
    `INSERT INTO webhook_deliveries (tenant_id, endpoint_id, event_id, event_type, occurred_at, data)
     VALUES ($1, $2, gen_random_uuid(), 'webhook.ping', clock_timestamp(),
       jsonb_build_object('endpoint_id', $2::uuid, 'at', iso_utc(clock_timestamp()))) RETURNING id`,
    [tenantId, endpointId],
  );
  return rows[0]?.id ?? 0;
}

const anew = `status = 'pending', attempts = 0, next_attempt_at = clock_timestamp(), finished_at = NULL`;

/** Sends one again, whatever became of it, with the same event id. @returns false when it is just being sent */
export async function replayWebhookDelivery(db: Queryable, tenantId: number, id: number): Promise<boolean> {
  const { rowCount } = await db.query(
    `UPDATE webhook_deliveries d SET ${anew} WHERE d.id = $2 AND d.tenant_id = $1 AND d.status <> 'sending'`,
    [tenantId, id],
  );
  return rowCount === 1;
}

/** Sends again what had failed for good, of events of that time. @returns how many */
export async function replayFailedWebhooks(
  db: Queryable,
  key: { readonly tenantId: number; readonly endpointId: string },
  { since, until, event_types }: WebhookReplay,
): Promise<number> {
  const { rowCount } = await db.query(
    `UPDATE webhook_deliveries d SET ${anew}
     WHERE d.endpoint_id = $2 AND d.tenant_id = $1 AND d.status = 'failed' AND d.occurred_at >= $3
       AND ($4::timestamptz IS NULL OR d.occurred_at < $4) AND ($5::text[] IS NULL OR d.event_type = ANY ($5))`,
    [key.tenantId, key.endpointId, since, until ?? null, event_types ?? null],
  );
  return rowCount ?? 0;
}
