import { randomUUID } from "node:crypto";
import {
  applyOutcomes,
  claimMessages,
  migrateDatabase,
  openDatabase,
  type Database,
  type LeaseKey,
} from "../src/index.ts";
import { makeDevice, makeJob, makeTenant } from "../src/testing.ts";

/** What webhooks cost the dispatch path: claims and outcomes of a device, with the triggers off, unused and used. */

const messages = 10_000;
const batch = 100;
/** As many as there are cases: each is first once. */
const rounds = 5;

async function leasedDevice(db: Database, tenantId: number): Promise<LeaseKey> {
  const deviceId = await makeDevice(db, tenantId);
  const workerId = randomUUID();
  await db.pool.query(
    "UPDATE devices SET lease_worker_id = $2, lease_epoch = 1, lease_expires_at = now() + interval '1 hour' WHERE id = $1",
    [deviceId, workerId],
  );
  return { deviceId, workerId, epoch: 1 };
}

/** Sends a job in batches, all outcomes `sent`. @returns messages a second, and ms that a batch of outcomes took */
async function run(
  db: Database,
  lease: LeaseKey,
  tenantId: number,
): Promise<{ rate: number; outcomesMs: number }> {
  await makeJob(db, { tenantId, messages, devices: [lease.deviceId] });
  await db.pool.query("VACUUM ANALYZE messages");
  const startedMs = performance.now();
  let outcomesMs = 0;
  for (;;) {
    const request = { lease, limit: batch, quantum: batch, sendMs: 1_000, laneClass: "bulk" } as const;
    const claimed = await claimMessages(db, request);
    if (claimed.length === 0) break;
    const at = new Date();
    const beganMs = performance.now();
    await applyOutcomes(
      db,
      claimed.map(({ providerMessageId }) => ({ providerMessageId, state: "sent" as const, at })),
    );
    outcomesMs += performance.now() - beganMs;
  }
  return {
    rate: messages / ((performance.now() - startedMs) / 1_000),
    outcomesMs: outcomesMs / (messages / batch),
  };
}

async function triggers(db: Database, state: "ENABLE" | "DISABLE"): Promise<void> {
  await db.pool.query(`ALTER TABLE message_events ${state} TRIGGER message_events_webhooks`);
  for (const name of ["send_messages_jobs_webhooks", "send_messages_jobs_webhooks_made"])
    await db.pool.query(`ALTER TABLE send_messages_jobs ${state} TRIGGER ${name}`);
}

async function endpointOf(db: Database, tenantId: number, types: string[]): Promise<void> {
  await db.pool.query(
    `INSERT INTO webhook_endpoints (id, tenant_id, url, event_types, secret, secret_key_id)
     VALUES (gen_random_uuid(), $1, 'https://crm.example', $2, '', '')`,
    [tenantId, types],
  );
}

const url = process.env["DATABASE_URL"];
if (!url) throw new Error("DATABASE_URL is not set");
await migrateDatabase(url);
const db = openDatabase({ url, name: "bench" });
try {
  const tenantId = await makeTenant(db);
  const other = await makeTenant(db);
  const lease = await leasedDevice(db, tenantId);
  const cases: readonly [string, () => Promise<unknown>][] = [
    ["triggers off", () => triggers(db, "DISABLE")],
    ["nobody has an endpoint", () => Promise.resolve()],
    ["only other tenants have", () => endpointOf(db, other, ["*"])],
    ["the tenant has one for jobs", () => endpointOf(db, tenantId, ["job.completed"])],
    ["the tenant has one for all", () => endpointOf(db, tenantId, ["*"])],
  ];
  const results = new Map<string, { rate: number; outcomesMs: number }[]>(cases.map(([name]) => [name, []]));
  await run(db, lease, tenantId);
  // In turns, and each round begins with another case: what grows or warms up meets all alike.
  for (let round = 0; round < rounds; round++) {
    for (const [name, prepare] of [...cases.slice(round), ...cases.slice(0, round)]) {
      await db.pool.query("TRUNCATE webhook_endpoints, webhook_deliveries");
      await triggers(db, "ENABLE");
      await prepare();
      results.get(name)?.push(await run(db, lease, tenantId));
    }
  }
  console.log(`${messages} messages in batches of ${batch}, claim and outcomes; median of ${rounds}`);
  for (const [name, runs] of results) {
    const [median] = runs.toSorted((a, b) => a.outcomesMs - b.outcomesMs).slice(rounds >> 1);
    if (median)
      console.log(
        `  ${name.padEnd(28)} ${median.outcomesMs.toFixed(2).padStart(7)} ms a batch of outcomes ${median.rate.toFixed(0).padStart(7)} messages/s`,
      );
  }
} finally {
  await db.close();
}
