import { randomBytes, randomUUID } from "node:crypto";
import {
  createWebhookEndpoint,
  openDatabase,
  openKeyring,
  transaction,
  type Database,
  type CredentialsKeyring,
} from "@pregonero/db";
import { cloneDatabase, makeTenant } from "@pregonero/db/testing";
import { createLogger, createMetrics } from "@pregonero/runtime";
import { inject } from "vitest";
import { openWebhookDeliverer, type WebhookParts } from "../../src/webhooks/compose-webhooks.ts";

/** A database with one tenant, and deliverers on it as workers have them. */
export class WebhookWorld implements AsyncDisposable {
  readonly db: Database;
  readonly tenantId: number;
  readonly keyring: CredentialsKeyring = openKeyring(randomBytes(32).toString("base64"));
  readonly #drop: () => Promise<void>;
  readonly #log = createLogger({ service: "test", level: "error", file: null });
  readonly #closing: (() => Promise<void>)[] = [];

  private constructor(db: Database, tenantId: number, drop: () => Promise<void>) {
    this.db = db;
    this.tenantId = tenantId;
    this.#drop = drop;
  }

  static async start(): Promise<WebhookWorld> {
    const clone = await cloneDatabase(inject("databaseAdminUrl"), inject("templateDatabase"));
    const db = openDatabase({ url: clone.url, name: "test" });
    return new WebhookWorld(db, await makeTenant(db), () => clone.drop());
  }

  deliver(env: Partial<WebhookParts["env"]> = {}): { close(): Promise<void> } {
    const deliverer = openWebhookDeliverer({
      env: {
        OUTBOUND_ALLOW: ["127.0.0.1"],
        OUTBOUND_PORTS: [],
        WEBHOOK_CONCURRENCY: 50,
        WEBHOOK_ENDPOINT_CONCURRENCY: 4,
        WEBHOOK_TIMEOUT_MS: 2_000,
        WEBHOOK_DISABLE_DAYS: 3,
        ...env,
      },
      workerId: randomUUID(),
      db: this.db,
      keyring: this.keyring,
      metrics: createMetrics("test"),
      log: this.#log,
    });
    this.#closing.push(() => deliverer.close());
    return deliverer;
  }

  async endpoint(url: string): Promise<{ id: string; secret: string }> {
    const made = await transaction(this.db, (tx) =>
      createWebhookEndpoint(tx, this.keyring, {
        tenantId: this.tenantId,
        most: 100,
        url,
        event_types: ["*"],
        description: "",
        enabled: true,
      }),
    );
    if (!made) throw new Error("too many endpoints");
    return { id: made.id, secret: made.secret };
  }

  /** Something happens, so many times. */
  async emit(times = 1): Promise<void> {
    await this.db.pool.query(
      `SELECT emit_webhook_event($1, 'device.state_changed', clock_timestamp(), jsonb_build_object('device_id', n))
       FROM generate_series(1, $2::int) n`,
      [this.tenantId, times],
    );
  }

  async deliveries(): Promise<
    { endpoint_id: string; status: string; attempts: number; error: string | null }[]
  > {
    const { rows } = await this.db.pool.query(
      `SELECT endpoint_id, event_id, status, attempts, error, response_status, response_excerpt, duration_ms
       FROM webhook_deliveries ORDER BY id`,
    );
    return rows;
  }

  /** Everything that waits is due now. */
  async hurry(): Promise<void> {
    await this.db.pool.query(
      "UPDATE webhook_deliveries SET next_attempt_at = clock_timestamp() - interval '1 second' WHERE status = 'pending'",
    );
    await this.db.pool.query("UPDATE webhook_endpoints SET rests_until = NULL");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const close of this.#closing) await close();
    await this.db.close();
    await this.#log.close();
    await this.#drop();
  }
}
