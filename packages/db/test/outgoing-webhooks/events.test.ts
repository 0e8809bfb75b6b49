import { randomUUID } from "node:crypto";
import { webhookCatalogue, type WebhookEventType } from "@pregonero/contracts";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { applyOutcomes, recordConnection, transaction, type Database } from "../../src/index.ts";
import {
  claim,
  ended,
  makeJob,
  makeTenant,
  oneDevice,
  testDatabase,
  type TestDatabase,
} from "../fixtures.ts";
import { makeEndpoint, written, type WrittenEvent } from "./world.ts";

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

const isKnown = (type: string): type is WebhookEventType => Object.hasOwn(webhookCatalogue, type);

/** The data that SQL put together is what the contract says: no field missing, none that it does not know. */
function checked({ event_type, data }: WrittenEvent): Record<string, unknown> {
  if (!isKnown(event_type)) throw new Error(`${event_type} is not in the catalogue`);
  return webhookCatalogue[event_type].data.strict().parse(data);
}

describe("events for webhooks", () => {
  test("a conversation tells of its messages, and not of the job that each answer is", async () => {
    const { tenantId, deviceId, lease } = await oneDevice(db);
    await makeEndpoint(db, tenantId);
    const { rows } = await db.pool.query<{ conversation_id: string }>(
      `SELECT conversation_id FROM receive_message($1, $2, $3, 'wamid.answered', '34600000001', NULL, 'Ana', 'text', 'Hola',
         'Hola', now(), false)`,
      [randomUUID(), tenantId, deviceId],
    );
    const conversationId = rows[0]?.conversation_id;
    await db.pool.query("SELECT place_answer($1, $2, $3, 'Diga', NULL, 'Diga', 'reply', 'key:ana', false)", [
      conversationId,
      randomUUID(),
      randomUUID(),
    ]);
    const [answer] = await claim(db, lease, 1);
    if (!answer) throw new Error("nothing to claim");
    await applyOutcomes(db, [ended("sent")(answer)]);

    const events = await written(db);
    expect(events.map((event) => event.event_type)).toEqual(["message.received", "message.sent"]);
    const [received, sent] = events.map(checked);
    expect(received).toMatchObject({ conversation_id: conversationId, phone: "34600000001", text: "Hola" });
    expect(sent).toMatchObject({ message_id: answer.messageId });
  });

  test("each message's way and its job's are written as they happen, in the words of the contract", async () => {
    const { tenantId, deviceId, lease } = await oneDevice(db);
    await makeEndpoint(db, tenantId);
    const jobId = await makeJob(db, { tenantId, messages: 2 });
    const [first, second] = await claim(db, lease, 2);
    if (!first || !second) throw new Error("nothing to claim");
    await applyOutcomes(db, [
      ended("sent")(first),
      ended("failed", { errorCode: "not_on_whatsapp", errorDetail: "no" })(second),
    ]);
    await applyOutcomes(db, [ended("read")(first)]);

    const events = await written(db);
    expect(events.map((event) => event.event_type)).toEqual([
      "job.created",
      "job.started",
      "message.sent",
      "message.failed",
      "job.completed",
      "message.read",
    ]);
    for (const event of events) expect(checked(event)).toMatchObject({ job_id: jobId });
    expect(events[2]?.data).toMatchObject({
      message_id: first.messageId,
      device_id: deviceId,
      phone: first.phone,
      provider_message_id: first.providerMessageId,
      attempt: 1,
    });
    expect(events[3]?.data).toMatchObject({ error_code: "not_on_whatsapp" });
    expect(events[4]?.data).toMatchObject({ status: "completed", total: 2, sent: 1, failed: 1 });
  });

  test("pause, resume and cancellation of a job, by whoever, are told", async () => {
    const { tenantId, lease } = await oneDevice(db);
    await makeEndpoint(db, tenantId, ["job.paused", "job.resumed", "job.cancelled", "message.cancelled"]);
    const jobId = await makeJob(db, { tenantId, messages: 2 });
    await claim(db, lease, 1);
    for (const status of ["paused", "running", "cancelled"])
      await db.pool.query("UPDATE send_messages_jobs SET status = $2::job_status WHERE id = $1", [
        jobId,
        status,
      ]);
    await db.pool.query("SELECT cancel_queued($1, 100)", [jobId]);
    const events = await written(db);
    expect(events.map((event) => event.event_type)).toEqual([
      "job.paused",
      "job.resumed",
      "job.cancelled",
      "message.cancelled",
    ]);
    for (const event of events) checked(event);
  });

  test("states of devices and messages that come in are told", async () => {
    const { tenantId, deviceId, lease } = await oneDevice(db);
    await makeEndpoint(db, tenantId);
    await recordConnection(db, lease, { state: "qr", reason: "unlinked", qr: "code" });
    for (const _twice of [1, 2])
      await db.pool.query(
        `INSERT INTO inbound_messages (id, tenant_id, device_id, provider_message_id, phone, type, text, at)
         VALUES (gen_random_uuid(), $1, $2, 'wamid.1', '34600123456', 'text', 'hola', now()) ON CONFLICT DO NOTHING`,
        [tenantId, deviceId],
      );
    const events = await written(db);
    expect(events.map((event) => event.event_type)).toEqual(["device.state_changed", "message.received"]);
    expect(checked(events[0] as WrittenEvent)).toMatchObject({ previous_state: "connected", state: "qr" });
    expect(checked(events[1] as WrittenEvent)).toMatchObject({ phone: "34600123456", text: "hola" });
  });

  test("an event has one id for all endpoints that want it; others, disabled ones and other tenants get nothing", async () => {
    const { tenantId, lease } = await oneDevice(db);
    const all = await makeEndpoint(db, tenantId);
    const sentOnly = await makeEndpoint(db, tenantId, ["message.sent"]);
    await makeEndpoint(db, tenantId, ["message.read"]);
    await makeEndpoint(db, await makeTenant(db));
    const disabled = await makeEndpoint(db, tenantId);
    await db.pool.query("UPDATE webhook_endpoints SET enabled = false WHERE id = $1", [disabled]);
    await makeJob(db, { tenantId, messages: 1 });
    const claimed = await claim(db, lease, 1);
    await applyOutcomes(db, claimed.map(ended("sent")));
    const sent = (await written(db)).filter((event) => event.event_type === "message.sent");
    expect(new Set(sent.map((event) => event.endpoint_id))).toEqual(new Set([all, sentOnly]));
    expect(new Set(sent.map((event) => event.event_id)).size).toBe(1);
    expect(sent.every((event) => event.tenant_id === tenantId)).toBe(true);
  });

  test("what is rolled back was never told", async () => {
    const { tenantId } = await oneDevice(db);
    await makeEndpoint(db, tenantId);
    const change = transaction(db, async (tx) => {
      await tx.query("UPDATE devices SET state = 'error' WHERE tenant_id = $1", [tenantId]);
      await tx.query("INSERT INTO tenants (slug, name) SELECT slug, name FROM tenants WHERE id = $1", [
        tenantId,
      ]);
    });
    await expect(change).rejects.toThrow(/unique/);
    expect(await written(db)).toEqual([]);
  });

  test("anybody's own event goes to those who want it, and says so", async () => {
    const { tenantId } = await oneDevice(db);
    const emit = async () => {
      const { rows } = await db.pool.query<{ id: string | null }>(
        "SELECT emit_webhook_event($1, 'job.completed', now(), $2) AS id",
        [tenantId, { job_id: randomUUID() }],
      );
      return rows[0]?.id ?? null;
    };
    expect(await emit()).toBeNull();
    await makeEndpoint(db, tenantId, ["job.completed"]);
    const id = await emit();
    expect((await written(db)).map((event) => event.event_id)).toEqual([id]);
  });
});
