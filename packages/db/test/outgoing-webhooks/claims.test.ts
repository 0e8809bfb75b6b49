import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  claimWebhooks,
  deleteWebhookEndpoint,
  openWebhookSecret,
  patchWebhookEndpoint,
  recordWebhooks,
  replayFailedWebhooks,
  rotateWebhookSecret,
  sweepWebhooks,
  transaction,
  type ClaimedWebhook,
  type Database,
  type WebhookResult,
} from "../../src/index.ts";
import { makeTenant, testDatabase, type TestDatabase } from "../fixtures.ts";
import { keyring, makeEndpoint, owe, written } from "./world.ts";

let database: TestDatabase;
let db: Database;
beforeAll(async () => {
  database = await testDatabase();
  db = database.db;
});
beforeEach(async () => {
  await db.pool.query(
    "TRUNCATE webhook_endpoints, webhook_deliveries, audit_log, devices, lanes RESTART IDENTITY CASCADE",
  );
});
afterAll(() => database[Symbol.asyncDispose]());

const take = (db: Database, workerId: string, limit = 100, perEndpoint = 100, leaseMs = 60_000) =>
  claimWebhooks(db, { workerId, limit, perEndpoint, leaseMs });

const day = 86_400_000;
const rule = { failures: 3, afterMs: 3 * day };

const result = (claimed: ClaimedWebhook, more: Partial<WebhookResult>): WebhookResult => ({
  id: claimed.id,
  attempt: claimed.attempt,
  outcome: "delivered",
  status: 200,
  error: null,
  excerpt: null,
  durationMs: 5,
  ...more,
});
// Instants are rounded to milliseconds, up as well: a moment ago is due for certain.
const failing = (claimed: ClaimedWebhook, delayMs = -1_000) =>
  result(claimed, { outcome: "retry", delayMs, status: 500, error: "500" });

async function statuses(db: Database): Promise<Record<string, number>> {
  const { rows } = await db.pool.query<{ status: string; n: number }>(
    "SELECT status, count(*) AS n FROM webhook_deliveries GROUP BY status",
  );
  return Object.fromEntries(rows.map((row) => [row.status, row.n]));
}

async function endpoint(db: Database, id: string) {
  const { rows } = await db.pool.query<{
    enabled: boolean;
    failures: number;
    disabled_reason: string | null;
    rests: boolean;
  }>(
    `SELECT enabled, failures, disabled_reason, coalesce(rests_until > clock_timestamp(), false) AS rests
     FROM webhook_endpoints WHERE id = $1`,
    [id],
  );
  return rows[0];
}

describe("claims of deliveries", () => {
  test("many workers at once get each delivery once, and never more of an endpoint than its limit", async () => {
    const tenantId = await makeTenant(db);
    const endpoints = [await makeEndpoint(db, tenantId), await makeEndpoint(db, tenantId)];
    for (const id of endpoints) await owe(db, tenantId, id, 50);
    const workers = Array.from({ length: 6 }, () => randomUUID());
    const seen: number[] = [];
    while (seen.length < 100) {
      const claims = await Promise.all(workers.map(async (id) => ({ id, got: await take(db, id, 100, 4) })));
      const got = claims.flatMap((one) => one.got);
      for (const id of endpoints)
        expect(got.filter((one) => one.endpointId === id).length).toBeLessThanOrEqual(4);
      seen.push(...got.map((one) => one.id));
      for (const { id, got: mine } of claims)
        await recordWebhooks(
          db,
          id,
          mine.map((one) => result(one, {})),
          rule,
        );
    }
    expect(new Set(seen).size).toBe(100);
    expect(await statuses(db)).toEqual({ delivered: 100 });
  });

  test("an endpoint with a long backlog takes no turn from others", async () => {
    const tenantId = await makeTenant(db);
    const busy = await makeEndpoint(db, tenantId);
    await owe(db, tenantId, busy, 1_000);
    const quiet = await makeEndpoint(db, tenantId);
    await owe(db, tenantId, quiet, 1);
    const worker = randomUUID();
    expect((await take(db, worker, 20, 10)).map((one) => one.endpointId)).toContain(quiet);
    // All of its places are taken, and stay so: the rest of the worker's is for others.
    expect(await take(db, worker, 20, 10)).toEqual([]);
    await owe(db, tenantId, quiet, 1);
    expect((await take(db, worker, 20, 10)).map((one) => one.endpointId)).toEqual([quiet]);
  });

  test("what a lost worker had in hand goes on with the same event, and its late report changes nothing", async () => {
    const tenantId = await makeTenant(db);
    await owe(db, tenantId, await makeEndpoint(db, tenantId), 1);
    const [lost, other] = [randomUUID(), randomUUID()];
    const [first] = await take(db, lost, 1, 1, -1_000);
    const [again] = await take(db, other, 1, 1);
    if (!first || !again) throw new Error("nothing was claimed");
    expect(again).toMatchObject({ id: first.id, eventId: first.eventId, attempt: 2 });
    await recordWebhooks(db, lost, [result(first, { outcome: "failed", status: 500 })], rule);
    expect(await statuses(db)).toEqual({ sending: 1 });
    await recordWebhooks(db, other, [result(again, {})], rule);
    expect(await statuses(db)).toEqual({ delivered: 1 });
  });

  test("each try is in the log, and the next one comes when it is due", async () => {
    const tenantId = await makeTenant(db);
    await owe(db, tenantId, await makeEndpoint(db, tenantId), 1);
    const worker = randomUUID();
    const [claimed] = await take(db, worker);
    if (!claimed) throw new Error("nothing was claimed");
    await recordWebhooks(db, worker, [failing(claimed, 30_000)], rule);
    expect(await take(db, worker)).toEqual([]);
    await db.pool.query(
      "UPDATE webhook_deliveries SET next_attempt_at = clock_timestamp() - interval '1 second'",
    );
    const [again] = await take(db, worker);
    expect(again).toMatchObject({ id: claimed.id, attempt: 2 });
    const { rows } = await db.pool.query<{ tries: unknown[] }>("SELECT tries FROM webhook_deliveries");
    expect(rows[0]?.tries).toMatchObject([{ status: 500, error: "500", duration_ms: 5 }]);
  });
});

describe("endpoints that fail", () => {
  test("get one try at a time, then rest, and are themselves again with the first success", async () => {
    const tenantId = await makeTenant(db);
    const id = await makeEndpoint(db, tenantId);
    await owe(db, tenantId, id, 20);
    const worker = randomUUID();
    const first = await take(db, worker, 100, 3);
    await recordWebhooks(
      db,
      worker,
      first.map((one) => failing(one)),
      rule,
    );
    await db.pool.query("UPDATE webhook_endpoints SET rests_until = NULL");
    const [single, ...more] = await take(db, worker, 100, 3);
    if (!single) throw new Error("nothing was claimed");
    expect(more).toEqual([]);
    await recordWebhooks(db, worker, [failing(single)], rule);
    expect(await endpoint(db, id)).toMatchObject({ failures: 4, rests: true, enabled: true });
    expect(await take(db, worker)).toEqual([]);

    await db.pool.query("UPDATE webhook_endpoints SET rests_until = NULL");
    const [lucky] = await take(db, worker);
    if (!lucky) throw new Error("nothing was claimed");
    await recordWebhooks(db, worker, [result(lucky, {})], rule);
    expect(await endpoint(db, id)).toMatchObject({ failures: 0, rests: false });
    expect(await take(db, worker, 100, 3)).toHaveLength(3);
  });

  test("are disabled after days without a success, with a reason, a line in the audit log and an event for others", async () => {
    const tenantId = await makeTenant(db);
    const id = await makeEndpoint(db, tenantId, ["message.sent"]);
    const other = await makeEndpoint(db, tenantId, ["webhook.disabled"]);
    await owe(db, tenantId, id, 5);
    const worker = randomUUID();
    const [one] = await take(db, worker, 100, 1);
    if (!one) throw new Error("nothing was claimed");
    await db.pool.query(
      "UPDATE webhook_endpoints SET failures = 50, failing_since = now() - interval '2 days'",
    );
    expect(await recordWebhooks(db, worker, [failing(one)], rule)).toEqual([]);
    await db.pool.query(
      "UPDATE webhook_endpoints SET failing_since = now() - interval '3 days 1 minute', rests_until = NULL",
    );
    const [two] = await take(db, worker, 100, 1);
    if (!two) throw new Error("nothing was claimed");
    const disabled = await recordWebhooks(db, worker, [failing(two)], rule);
    expect(disabled).toMatchObject([{ endpointId: id, tenantId }]);
    expect(await endpoint(db, id)).toMatchObject({ enabled: false, disabled_reason: disabled[0]?.reason });
    const { rows } = await db.pool.query("SELECT actor, action, subject FROM audit_log");
    expect(rows).toEqual([
      { actor: "system", action: "webhook_endpoint.disable", subject: `webhook_endpoint:${id}` },
    ]);
    const notice = (await written(db)).filter((event) => event.event_type === "webhook.disabled");
    expect(notice).toMatchObject([{ endpoint_id: other, data: { endpoint_id: id } }]);
    await db.pool.query(
      "UPDATE webhook_deliveries SET next_attempt_at = clock_timestamp() - interval '1 second'",
    );
    expect((await take(db, worker)).map((claimed) => claimed.endpointId)).toEqual([other]);

    // Enabled again, it is forgiven and gets what it was owed.
    await transaction(db, (tx) => patchWebhookEndpoint(tx, { tenantId, id }, { enabled: true }));
    expect(await endpoint(db, id)).toMatchObject({ enabled: true, failures: 0, disabled_reason: null });
    expect((await take(db, worker)).every((claimed) => claimed.endpointId === id)).toBe(true);
  });

  test("that say they are gone are disabled at once", async () => {
    const tenantId = await makeTenant(db);
    const id = await makeEndpoint(db, tenantId);
    await owe(db, tenantId, id, 1);
    const worker = randomUUID();
    const [one] = await take(db, worker);
    if (!one) throw new Error("nothing was claimed");
    await recordWebhooks(db, worker, [result(one, { outcome: "gone", status: 410 })], rule);
    expect(await endpoint(db, id)).toMatchObject({ enabled: false });
    expect(await statuses(db)).toEqual({ failed: 1 });
  });
});

test("what failed is sent again from a time on, for that endpoint alone", async () => {
  const tenantId = await makeTenant(db);
  const [id, other] = [await makeEndpoint(db, tenantId), await makeEndpoint(db, tenantId)];
  for (const one of [id, other]) await owe(db, tenantId, one, 3);
  await db.pool.query("UPDATE webhook_deliveries SET status = 'failed', attempts = 12");
  await db.pool.query(
    "UPDATE webhook_deliveries SET occurred_at = now() - interval '2 days' WHERE id = (SELECT min(id) FROM webhook_deliveries)",
  );
  const since = new Date(Date.now() - day).toISOString();
  const key = { tenantId, endpointId: id };
  expect(await replayFailedWebhooks(db.pool, { ...key, tenantId: tenantId + 1 }, { since })).toBe(0);
  expect(await replayFailedWebhooks(db.pool, key, { since, event_types: ["job.failed"] })).toBe(0);
  expect(await replayFailedWebhooks(db.pool, key, { since })).toBe(2);
  const claimed = await take(db, randomUUID());
  expect(claimed.map((one) => [one.endpointId, one.attempt])).toEqual([
    [id, 1],
    [id, 1],
  ]);
});

test("after a rotation both secrets are handed out, until the former one expires", async () => {
  const tenantId = await makeTenant(db);
  const id = await makeEndpoint(db, tenantId);
  await owe(db, tenantId, id, 2);
  const worker = randomUUID();
  const rotated = await transaction(db, (tx) =>
    rotateWebhookSecret(tx, keyring, { tenantId, id, overlapMs: 60_000 }),
  );
  const [one] = await take(db, worker, 1);
  if (!one?.oldSecret) throw new Error("no former secret");
  expect(openWebhookSecret(keyring, id, one.secret)).toBe(rotated?.secret);
  expect(openWebhookSecret(keyring, id, one.oldSecret)).toMatch(/^whsec_/);
  expect(() => openWebhookSecret(keyring, randomUUID(), one.secret)).toThrow(/another owner/);
  await db.pool.query(
    "UPDATE webhook_endpoints SET old_secret_until = clock_timestamp() - interval '1 second'",
  );
  expect((await take(db, worker, 1))[0]?.oldSecret).toBeNull();
});

test("sweeping takes what is old and what has no endpoint any more, and nothing else", async () => {
  const tenantId = await makeTenant(db);
  const [kept, gone] = [await makeEndpoint(db, tenantId), await makeEndpoint(db, tenantId)];
  await owe(db, tenantId, kept, 5);
  await db.pool.query("UPDATE webhook_deliveries SET created_at = now() - interval '31 days' WHERE id < 4");
  await owe(db, tenantId, gone, 5);
  await transaction(db, (tx) => deleteWebhookEndpoint(tx, tenantId, gone));
  expect((await take(db, randomUUID(), 1)).map((one) => one.endpointId)).toEqual([kept]);
  let swept = 0;
  for (let n = -1; n !== 0; swept += n) n = await sweepWebhooks(db, 30 * day, 2);
  expect(swept).toBe(8);
  expect((await written(db)).map((event) => event.endpoint_id)).toEqual([kept, kept]);
});
