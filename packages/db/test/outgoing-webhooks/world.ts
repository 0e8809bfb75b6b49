import { randomBytes } from "node:crypto";
import type { WebhookSubscription } from "@pregonero/contracts";
import { createWebhookEndpoint, openKeyring, transaction, type Database } from "../../src/index.ts";

export const keyring = openKeyring(randomBytes(32).toString("base64"));

/** @returns the id of an endpoint of the tenant that wants these events */
export async function makeEndpoint(
  db: Database,
  tenantId: number,
  event_types: WebhookSubscription[] = ["*"],
): Promise<string> {
  const request = {
    tenantId,
    most: 100,
    url: "https://crm.example/hook",
    event_types,
    description: "",
    enabled: true,
  };
  const made = await transaction(db, (tx) => createWebhookEndpoint(tx, keyring, request));
  if (!made) throw new Error("too many endpoints");
  return made.id;
}

export interface WrittenEvent {
  readonly tenant_id: number;
  readonly endpoint_id: string;
  readonly event_id: string;
  readonly event_type: string;
  readonly data: Record<string, unknown>;
}

/** What was written for delivery, in order. */
export async function written(db: Database): Promise<WrittenEvent[]> {
  const { rows } = await db.pool.query<WrittenEvent>(
    "SELECT tenant_id, endpoint_id, event_id, event_type, data FROM webhook_deliveries ORDER BY id",
  );
  return rows;
}

/** So many events for the endpoint, due now. */
export async function owe(db: Database, tenantId: number, endpointId: string, events: number): Promise<void> {
  await db.pool.query(
    `INSERT INTO webhook_deliveries (tenant_id, endpoint_id, event_id, event_type, occurred_at, data)
     SELECT $1, $2, gen_random_uuid(), 'webhook.ping', clock_timestamp(), '{}' FROM generate_series(1, $3::int)`,
    [tenantId, endpointId, events],
  );
}
