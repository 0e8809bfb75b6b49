import { busChannel, crmEventSchema, type CrmEvent } from "@pregonero/contracts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { FrameClient } from "./support/frame-client.ts";
import { openHarness, type Harness } from "./support/harness.ts";
import { phones } from "./support/sender.ts";

let harness: Harness;
let tenantId: number;
let deviceId: number;

beforeAll(async () => {
  harness = await openHarness();
  tenantId = await harness.sender.tenant();
  deviceId = await harness.sender.device(tenantId);
});
afterAll(() => harness.close());

interface Who {
  readonly tenant?: number;
  readonly role?: "viewer";
  readonly events?: string;
}

/** A client of the CRM as they are: connects with its token, says nothing. */
async function connect({ tenant = tenantId, role, events }: Who = {}): Promise<FrameClient> {
  const token = harness.token(tenant, role);
  const client = harness.connect(`/ws?token=${token}${events === undefined ? "" : `&events=${events}`}`);
  await client.type("connected");
  await client.sync();
  return client;
}

const crmFrames = (client: FrameClient) => client.frames.filter((frame) => "data" in frame);

async function publish(event: CrmEvent): Promise<void> {
  // What a process of the last release publishes has no number yet.
  await harness.bus.append(busChannel.crm(tenantId), { type: "crm", tenantId, event });
}

const conversation = {
  id: "00000000-0000-4000-8000-000000000002",
  device_id: 1,
  contact_id: "00000000-0000-4000-8000-000000000003",
  phone: "34600000009",
  contact_name: "Ana",
  status: "open" as const,
  unread_count: 1,
  handed_over: false,
  last_message: null,
  created_at: "2026-01-01T00:00:00Z",
  updated_at: "2026-01-01T00:00:00Z",
};

test("events of the tenant come as {type, data}, each once and in order, and to nobody else", async () => {
  const other = await connect({ tenant: await harness.sender.tenant() });
  const [first, second] = [await connect(), await connect()];
  const updated: CrmEvent = { type: "conversation_updated", data: { conversation } };
  const read: CrmEvent = {
    type: "message_status_updated",
    data: { message_id: conversation.id, conversation_id: conversation.id, status: "read" },
  };
  await publish(updated);
  await publish(read);
  for (const client of [first, second]) await expect.poll(() => crmFrames(client)).toEqual([updated, read]);
  await other.sync();
  expect(crmFrames(other)).toEqual([]);
});

test("a device's state is told with its QR, and without it to viewers, who see no whole number either", async () => {
  const [client, viewer] = [await connect(), await connect({ role: "viewer" })];
  const device = {
    id: deviceId,
    tenantId,
    state: "qr" as const,
    reason: null,
    phone: "34600000001",
    qr: "2@x",
  };
  await harness.bus.publish(busChannel.tenant(tenantId), { type: "device", device });
  expect(await client.type("whatsapp_status_changed")).toEqual({
    type: "whatsapp_status_changed",
    data: {
      whatsappState: { device_id: deviceId, state: "qr", reason: null, phone: "34600000001", qr: "2@x" },
    },
  });
  expect(await viewer.type("whatsapp_status_changed")).toMatchObject({
    data: { whatsappState: { phone: "34*****001", qr: null } },
  });
});

test("a campaign is told without asking: its progress at most four times a second, then its end", async () => {
  const client = await connect();
  const jobId = await harness.sender.job(tenantId, 200);
  await harness.sender.announce(jobId, null);
  const began = performance.now();
  for (let n = 0; n < 196; n += 4) await harness.sender.move(jobId, { sent: phones(4, n), deviceId });
  await harness.sender.move(jobId, { sent: phones(3, 196), failed: phones(1, 199), deviceId });
  expect(await client.type("bulk_message_completed")).toEqual({
    type: "bulk_message_completed",
    data: { job_id: jobId, successCount: 199, errorCount: 1 },
  });
  const progress = client.of("bulk_message_progress");
  expect(progress.at(-1)).toMatchObject({ data: { job_id: jobId, progress: { sent: 199, total: 200 } } });
  expect(progress.length).toBeLessThanOrEqual(2 + (4 * (performance.now() - began)) / 1_000);
  for (const frame of crmFrames(client)) expect(crmEventSchema.parse(frame)).toEqual(frame);
  expect(client.types.lastIndexOf("bulk_message_progress")).toBeLessThan(
    client.types.indexOf("bulk_message_completed"),
  );
});

test("a job that fails as a whole is told with the reason", async () => {
  const jobId = await harness.sender.job(tenantId, 2, "running");
  const client = await connect();
  await harness.sender.status(jobId, "failed", { reason: "no device is left" });
  expect(await client.type("bulk_message_error")).toMatchObject({
    data: { job_id: jobId, error: "no device is left" },
  });
});

describe("both contracts on /ws", () => {
  test("a client of bulk jobs and one of the CRM get what they know, each in its form", async () => {
    const client = await connect();
    const jobId = await harness.sender.job(tenantId, 1);
    client.send({ type: "subscribe_job", job_id: jobId });
    await client.type("job_created");
    await harness.sender.move(jobId, { sent: phones(1), deviceId });
    await client.type("job_completed");
    const flat = client.frames.filter((frame) => !("data" in frame) && frame.type !== "pong");
    expect(flat.map(({ type }) => type)).toEqual([
      "connected",
      "job_created",
      "job_started",
      "progress",
      "job_completed",
    ]);
  });

  test("?events= chooses one of them, and /ws/job/{id} has jobs alone", async () => {
    const [crm, jobs] = [await connect({ events: "crm" }), await connect({ events: "jobs" })];
    const jobId = await harness.sender.job(tenantId, 1);
    const one = harness.connect(`/ws/job/${jobId}?token=${harness.token(tenantId)}`);
    await one.type("job_created");
    await harness.sender.announce(jobId, null);
    await harness.sender.move(jobId, { sent: phones(1), deviceId });
    await crm.type("bulk_message_completed");
    await jobs.type("job_created");
    await one.type("job_completed");
    for (const client of [jobs, one]) {
      await client.sync();
      expect(crmFrames(client)).toEqual([]);
    }
    expect(crm.of("job_created")).toEqual([]);
  });
});
