import { busChannel, channelsServerFrameSchema, type CrmEvent } from "@pregonero/contracts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openHarness, type Harness } from "./support/harness.ts";
import type { FrameClient } from "./support/frame-client.ts";
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

async function connect(tenant = tenantId, role?: "viewer"): Promise<FrameClient> {
  const client = harness.connect("/ws", {
    protocols: ["pregonero.v1", `bearer.${harness.token(tenant, role)}`],
  });
  await client.type("connected");
  return client;
}

const subscribe = (client: FrameClient, channel: string, after?: string): void =>
  client.send({ type: "subscribe", channel, ...(after === undefined ? {} : { after }) });

/** Resolves with the frame once it is there. */
const subscribed = (client: FrameClient, channel: string) =>
  client.until((frame) => frame.type === "subscribed" && frame["channel"] === channel);

interface Told {
  readonly n: number;
  readonly phone: string;
}

/** Messages in the order of arrival, with their numbers. */
function told(client: FrameClient): Told[] {
  return client.of("events").flatMap((frame) => {
    const events = frame["events"] as { data: { phone: string } }[];
    return events.map(({ data }, index) => ({ n: Number(frame["first"]) + index, phone: data.phone }));
  });
}

const status = (state: "sent" | "read"): CrmEvent => ({
  type: "message_status_updated",
  data: {
    message_id: "00000000-0000-4000-8000-000000000001",
    conversation_id: "00000000-0000-4000-8000-000000000002",
    status: state,
  },
});

describe("a stream", () => {
  test("begins with the position, then tells each event once, numbered one by one", async () => {
    const jobId = await harness.sender.job(tenantId, 10);
    const client = await connect();
    const channel = `job:${jobId}:messages`;
    subscribe(client, channel);
    expect(await subscribed(client, channel)).toMatchObject({
      position: expect.stringMatching(/^\d+-0$/),
      resumed: false,
      snapshot: `/api/v1/jobs/${jobId}/messages`,
    });
    await harness.sender.move(jobId, { sent: phones(3), deviceId });
    await harness.sender.move(jobId, { sent: phones(2, 3), failed: phones(1, 5), deviceId });
    await expect.poll(() => told(client).length).toBe(6);
    expect(told(client).map(({ n }) => n)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(told(client).map(({ phone }) => phone)).toEqual(phones(6));
    expect(client.of("events").at(-1)?.["position"]).toMatch(/^\d+-6$/);
    for (const frame of client.frames) expect(channelsServerFrameSchema.parse(frame)).toEqual(frame);
  });

  test("goes on after the position that is given, without a gap or a double, while more comes", async () => {
    const jobId = await harness.sender.job(tenantId, 5_000);
    const channel = `job:${jobId}:messages`;
    const first = await connect();
    subscribe(first, channel);
    await subscribed(first, channel);
    await harness.sender.move(jobId, { sent: phones(10), deviceId });
    await expect.poll(() => told(first).length).toBe(10);
    const after = String(first.of("events").at(-1)?.["position"]);
    first.close();
    for (let n = 10; n < 1_000; n += 10) await harness.sender.move(jobId, { sent: phones(10, n) });
    const moving = (async () => {
      for (let n = 1_000; n < 1_500; n += 10) await harness.sender.move(jobId, { sent: phones(10, n) });
    })();
    const second = await connect();
    subscribe(second, channel, after);
    expect(await subscribed(second, channel)).toMatchObject({ position: after, resumed: true });
    await moving;
    await expect.poll(() => told(second).length).toBe(1_490);
    expect(told(second)).toEqual(phones(1_490, 10).map((phone, index) => ({ n: 11 + index, phone })));
    expect(second.of("snapshot_required")).toEqual([]);
  });

  test.each([
    ["of another epoch", "1-5", "history_gone"],
    ["of the future", "future", "unknown_position"],
  ])("asks for a snapshot when the position is %s", async (_, given, reason) => {
    const jobId = await harness.sender.job(tenantId, 5);
    const channel = `job:${jobId}:messages`;
    const { epoch } = await harness.bus.head(busChannel.job(jobId));
    const client = await connect();
    subscribe(client, channel, given === "future" ? `${epoch}-99` : given);
    const frame = await client.type("snapshot_required");
    expect(frame).toMatchObject({ channel, reason, position: `${epoch}-0` });
    await harness.sender.move(jobId, { sent: phones(1), deviceId });
    await expect.poll(() => told(client).map(({ n }) => n)).toEqual([1]);
  });

  test("of the CRM is the tenant's own", async () => {
    const other = await harness.sender.tenant();
    const [ours, theirs] = [await connect(), await connect(other)];
    for (const client of [ours, theirs]) {
      subscribe(client, "crm");
      await subscribed(client, "crm");
    }
    for (const state of ["sent", "read"] as const)
      await harness.bus.append(busChannel.crm(tenantId), { type: "crm", tenantId, event: status(state) });
    await expect
      .poll(() => ours.of("events").flatMap((frame) => frame["events"]))
      .toEqual([status("sent"), status("read")]);
    await theirs.sync();
    expect(theirs.of("events")).toEqual([]);
  });

  test("that was flushed is told as lost, and goes on", async () => {
    const jobId = await harness.sender.job(tenantId, 5);
    const channel = `job:${jobId}:messages`;
    const client = await connect();
    subscribe(client, channel);
    await subscribed(client, channel);
    await harness.sender.move(jobId, { sent: phones(1), deviceId });
    await expect.poll(() => told(client).length).toBe(1);
    await harness.flushStream(busChannel.job(jobId));
    await harness.sender.move(jobId, { sent: phones(1, 1), deviceId });
    expect(await client.type("snapshot_required")).toMatchObject({ reason: "events_lost" });
    await harness.sender.move(jobId, { sent: phones(1, 2), deviceId });
    await expect.poll(() => told(client).at(-1)).toEqual({ n: 2, phone: phones(1, 2)[0] });
  });

  test("shows viewers no whole number", async () => {
    const jobId = await harness.sender.job(tenantId, 5);
    const channel = `job:${jobId}:messages`;
    const client = await connect(tenantId, "viewer");
    subscribe(client, channel);
    await subscribed(client, channel);
    await harness.sender.move(jobId, { sent: phones(1), deviceId });
    await expect.poll(() => told(client)).toMatchObject([{ phone: "34*****000" }]);
  });
});

describe("a state", () => {
  test("of a job is told at once, then when it changes, at most four times a second, and rightly in the end", async () => {
    const jobId = await harness.sender.job(tenantId, 200);
    const client = await connect();
    subscribe(client, `job:${jobId}`);
    expect(await client.type("state")).toMatchObject({
      channel: `job:${jobId}`,
      data: { job_id: jobId, status: "pending", progress: { total: 200, sent: 0, pending: 200 } },
    });
    const began = performance.now();
    for (let n = 0; n < 200; n += 4) await harness.sender.move(jobId, { sent: phones(4, n), deviceId });
    await client.until((frame) => JSON.stringify(frame).includes('"status":"completed"'));
    const seconds = (performance.now() - began) / 1_000;
    expect(client.of("state").at(-1)).toMatchObject({
      data: { status: "completed", progress: { sent: 200, pending: 0, percentage: 100 }, devices_used: 1 },
    });
    expect(client.of("state").length).toBeLessThanOrEqual(3 + 4 * seconds);
    for (const frame of client.frames) expect(channelsServerFrameSchema.parse(frame)).toEqual(frame);
  });

  test("of all jobs has those that are under way, and those that begin", async () => {
    const tenant = await harness.sender.tenant();
    const [running, over] = [
      await harness.sender.job(tenant, 2, "running"),
      await harness.sender.job(tenant, 2, "completed"),
    ];
    const client = await connect(tenant);
    subscribe(client, "jobs");
    const first = await client.type("state");
    expect(first).toMatchObject({ data: { jobs: [{ job_id: running, status: "running" }] } });
    expect(JSON.stringify(first)).not.toContain(over);
    const fresh = await harness.sender.job(tenant, 1);
    await harness.sender.announce(fresh, null);
    await client.until((frame) => JSON.stringify(frame).includes(fresh));
    await harness.sender.move(fresh, { sent: phones(1) });
    await client.until((frame) => {
      const jobs = (frame["data"] as { jobs?: { job_id: string; status: string }[] } | undefined)?.jobs;
      return jobs?.some((job) => job.job_id === fresh && job.status === "completed") ?? false;
    });
  });

  test("of devices is told with its QR, though not to viewers", async () => {
    const [client, viewer] = [await connect(), await connect(tenantId, "viewer")];
    for (const each of [client, viewer]) {
      subscribe(each, "devices");
      expect(await each.type("state")).toMatchObject({ data: { devices: [{ device_id: deviceId }] } });
      subscribe(each, `device:${deviceId}`);
      await subscribed(each, `device:${deviceId}`);
    }
    const device = {
      id: deviceId,
      tenantId,
      reason: null,
      phone: "34600000001",
      state: "qr" as const,
      qr: "2@x",
    };
    await harness.bus.publish(busChannel.tenant(tenantId), { type: "device", device });
    const shown = (each: FrameClient, channel: string) =>
      each.until((frame) => frame["channel"] === channel && JSON.stringify(frame).includes('"state":"qr"'));
    expect(await shown(client, "devices")).toMatchObject({
      data: { devices: [{ device_id: deviceId, qr: "2@x", phone: "34600000001" }] },
    });
    expect(await shown(client, `device:${deviceId}`)).toMatchObject({ data: { qr: "2@x" } });
    expect(await shown(viewer, `device:${deviceId}`)).toMatchObject({
      data: { qr: null, phone: "34*****001" },
    });
    for (const frame of client.frames) expect(channelsServerFrameSchema.parse(frame)).toEqual(frame);
  });
});

describe("what cannot be met leaves the connection open", () => {
  test.each([
    ["no JSON", "x", "invalid_frame"],
    ["no frame", { type: "subscribe" }, "invalid_frame"],
    ["no position", { type: "subscribe", channel: "crm", after: "yesterday" }, "invalid_frame"],
    ["no channel", { type: "subscribe", channel: "weather" }, "unknown_channel"],
    ["no job", { type: "subscribe", channel: "job:00000000-0000-4000-8000-000000000000" }, "unknown_channel"],
    ["no device", { type: "subscribe", channel: "device:999999" }, "unknown_channel"],
  ])("%s", async (_, frame, code) => {
    const client = await connect();
    client.send(frame);
    expect(await client.type("error")).toMatchObject({ code, error: expect.any(String) });
    await client.sync();
  });

  test("nobody can listen to what belongs to another tenant", async () => {
    const stranger = await connect(await harness.sender.tenant());
    const jobId = await harness.sender.job(tenantId, 1);
    for (const channel of [`job:${jobId}`, `job:${jobId}:messages`, `device:${deviceId}`]) {
      subscribe(stranger, channel);
      await stranger.until((frame) => frame["code"] === "unknown_channel" && frame["channel"] === channel);
    }
    await harness.sender.move(jobId, { sent: phones(1), deviceId });
    await stranger.sync();
    expect(stranger.of("events")).toEqual([]);
    expect(stranger.of("state")).toEqual([]);
  });

  test("a channel is subscribed to once, and not at all after it was left", async () => {
    const jobId = await harness.sender.job(tenantId, 3);
    const channel = `job:${jobId}:messages`;
    const client = await connect();
    subscribe(client, channel);
    subscribe(client, channel);
    await subscribed(client, channel);
    await harness.sender.move(jobId, { sent: phones(1), deviceId });
    await expect.poll(() => told(client).length).toBe(1);
    client.send({ type: "unsubscribe", channel });
    await client.type("unsubscribed");
    await harness.sender.move(jobId, { sent: phones(1, 1), deviceId });
    await client.sync();
    expect(told(client)).toHaveLength(1);
    expect(client.of("subscribed")).toHaveLength(1);
  });
});
