import { jobFrameSchema } from "@pregonero/contracts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
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

const connect = (path: string, tenant = tenantId) =>
  harness.connect(`${path}?token=${harness.token(tenant)}`);

describe("/ws/job/{id}", () => {
  test("tells a whole run: created, started, each message counted one up, completed with results", async () => {
    const jobId = await harness.sender.job(tenantId, 5);
    const client = connect(`/ws/job/${jobId}`);
    await client.type("job_created");
    await harness.sender.move(jobId, { sent: phones(2), deviceId });
    await harness.sender.move(jobId, { sent: phones(1, 2), failed: phones(1, 3), deviceId });
    await harness.sender.move(jobId, { sent: phones(1, 4), deviceId });
    await client.type("job_completed");

    expect(client.types).toEqual([
      "connected",
      "job_created",
      "job_started",
      "progress",
      "progress",
      "progress",
      "error",
      "progress",
      "job_completed",
    ]);
    expect(client.frames[0]).toEqual({ type: "connected", message: expect.any(String) });
    for (const frame of client.frames.slice(1)) expect(jobFrameSchema.parse(frame)).toEqual(frame);
    expect(client.of("progress")[0]).toEqual({
      type: "progress",
      job_id: jobId,
      device_id: deviceId,
      phone: "34600000000",
      status: "sent",
      progress: { sent: 1, failed: 0, total: 5, percentage: 20 },
    });
    expect(client.of("error")[0]).toEqual({
      type: "error",
      job_id: jobId,
      device_id: deviceId,
      phone: "34600000003",
      error: "The number is not on WhatsApp",
      error_code: "not_on_whatsapp",
      progress: { sent: 3, failed: 1, total: 5, percentage: 80 },
    });
    expect(client.of("progress").map((frame) => frame["progress"])).toMatchObject([
      { sent: 1 },
      { sent: 2 },
      { sent: 3 },
      { sent: 4, failed: 1, percentage: 100 },
    ]);
    expect(client.of("job_completed")[0]).toMatchObject({
      job_id: jobId,
      status: "completed",
      results: { sent: 4, failed: 1, total: 5, devices_used: 1, parallel_workers: 1 },
    });
  });

  test("who comes late gets job_started with the figures and counts on from there", async () => {
    const jobId = await harness.sender.job(tenantId, 4);
    await harness.sender.move(jobId, { sent: phones(2), deviceId });
    const client = connect(`/ws/job/${jobId}`);
    expect(await client.type("job_started")).toMatchObject({
      status: "processing",
      progress: { sent: 2, failed: 0, total: 4, percentage: 50 },
    });
    await harness.sender.move(jobId, { sent: phones(2, 2), deviceId });
    await client.type("job_completed");
    expect(client.of("progress").map((frame) => frame["progress"])).toMatchObject([{ sent: 3 }, { sent: 4 }]);
  });

  test.each([
    ["completed", "job_completed"],
    ["cancelled", "job_cancelled"],
    ["failed", "job_failed"],
  ] as const)("who comes after the end of a %s job gets its final event at once", async (status, type) => {
    const jobId = await harness.sender.job(tenantId, 2);
    await harness.sender.status(jobId, status, { reason: "because" });
    const client = connect(`/ws/job/${jobId}`);
    await client.type(type);
    await client.sync();
    expect(client.types).toEqual(["connected", type, "pong"]);
    if (status === "failed") expect(client.of(type)[0]).toMatchObject({ error: "because" });
  });

  test("pause, resume and cancel are told", async () => {
    const jobId = await harness.sender.job(tenantId, 3);
    const client = connect(`/ws/job/${jobId}`);
    await client.type("job_created");
    await harness.sender.move(jobId, { sent: phones(1), deviceId });
    await harness.sender.status(jobId, "paused");
    await client.type("job_paused");
    const late = connect(`/ws/job/${jobId}`);
    await late.type("job_paused");
    expect(late.types).toEqual(["connected", "job_started", "job_paused"]);
    await harness.sender.status(jobId, "running");
    await client.type("job_resumed");
    await harness.sender.status(jobId, "cancelled");
    await client.type("job_cancelled");
    expect(client.types.slice(1)).toEqual([
      "job_created",
      "job_started",
      "progress",
      "job_paused",
      "job_resumed",
      "job_cancelled",
    ]);
  });

  test("a job that is started anew after its end is told again", async () => {
    const jobId = await harness.sender.job(tenantId, 1);
    await harness.sender.move(jobId, { failed: phones(1), deviceId });
    const client = connect(`/ws/job/${jobId}`);
    await client.type("job_completed");
    await harness.db.pool.query(
      "UPDATE send_messages_jobs SET failed = 0, status = 'running' WHERE id = $1",
      [jobId],
    );
    await harness.sender.announce(jobId, "completed");
    expect(await client.type("job_started")).toMatchObject({
      progress: { sent: 0, failed: 0, percentage: 0 },
    });
    await harness.sender.move(jobId, { sent: phones(1), deviceId });
    await client.untilAll(() => (client.of("job_completed").length === 2 ? true : undefined));
    expect(client.of("progress")).toMatchObject([
      { progress: { sent: 1, failed: 0, total: 1, percentage: 100 } },
    ]);
  });
});

describe("/ws", () => {
  test("subscribing twice is harmless and unsubscribing ends the frames", async () => {
    const jobId = await harness.sender.job(tenantId, 4);
    const client = connect("/ws");
    await client.type("connected");
    client.send({ type: "subscribe_job", job_id: jobId });
    client.send({ type: "subscribe_job", job_id: jobId.toUpperCase() });
    await client.type("job_created");
    await harness.sender.move(jobId, { sent: phones(1), deviceId });
    await client.type("progress");
    client.send({ type: "unsubscribe_job", job_id: jobId });
    await client.sync();
    await harness.sender.move(jobId, { sent: phones(1, 1), deviceId });
    client.send({ type: "subscribe_job", job_id: jobId });
    await client.untilAll(() => (client.of("job_started").length === 2 ? true : undefined));
    expect(client.of("progress")).toHaveLength(1);
    expect(client.of("job_created")).toHaveLength(1);
  });

  test("a new job is announced once to every connection of its tenant and to no other", async () => {
    const otherTenant = await harness.sender.tenant();
    const [first, second, other] = [connect("/ws"), connect("/ws"), connect("/ws", otherTenant)];
    for (const client of [first, second, other]) await client.type("connected");
    // The subscription of a tenant is known to Redis when a later command of the same connection has been answered.
    await harness.bus.publish("nobody", { type: "wake", deviceId: 1 });
    const jobId = await harness.sender.job(tenantId, 1);
    await harness.sender.announce(jobId, null);
    await harness.sender.announce(jobId, null);
    for (const client of [first, second]) {
      expect(await client.type("job_created")).toMatchObject({ job_id: jobId, message: expect.any(String) });
      client.send({ type: "subscribe_job", job_id: jobId });
    }
    await harness.sender.move(jobId, { sent: phones(1), deviceId });
    for (const client of [first, second]) {
      await client.type("job_completed");
      expect(client.of("job_created")).toHaveLength(1);
    }
    await other.sync();
    expect(other.types).toEqual(["connected", "pong"]);
  });

  test("ping is answered with the same timestamp, whatever it is", async () => {
    const client = connect("/ws");
    await client.type("connected");
    for (const timestamp of [1_732_000_000_000.5, "2026-01-01T00:00:00Z", { a: [1] }]) {
      client.send({ type: "ping", timestamp });
      expect(await client.type("pong")).toEqual({ type: "pong", timestamp });
      client.frames.length = 0;
    }
  });

  test("phones are masked for viewers", async () => {
    const jobId = await harness.sender.job(tenantId, 1);
    const viewer = harness.connect(`/ws/job/${jobId}?token=${harness.token(tenantId, "viewer")}`);
    await viewer.type("job_created");
    await harness.sender.move(jobId, { sent: phones(1), deviceId });
    expect(await viewer.type("progress")).toMatchObject({ phone: "34*****000" });
  });
});

describe("what is not valid leaves the connection open", () => {
  test.each([
    ["text that is no JSON", "hello"],
    ["no object", "[1]"],
    ["null", "null"],
    ["no type", "{}"],
    ["an unknown type", { type: "dance" }],
    ["no job", { type: "subscribe_job" }],
    ["a job id of the wrong type", { type: "subscribe_job", job_id: 7 }],
  ])("%s", async (_, frame) => {
    const client = connect("/ws");
    await client.type("connected");
    client.send(frame);
    expect(await client.type("error")).toEqual({
      type: "error",
      error: expect.any(String),
      code: "invalid_frame",
    });
    await client.sync();
  });

  test("a binary frame", async () => {
    const client = connect("/ws");
    await client.type("connected");
    client.socket.send(Buffer.of(1, 2, 3), { binary: true });
    expect(await client.type("error")).toMatchObject({ code: "invalid_frame" });
    await client.sync();
  });

  test.each([
    ["a job that does not exist", () => "00000000-0000-7000-8000-000000000000"],
    ["an id that is no id", () => "not-a-uuid"],
    [
      "a job of another tenant",
      async () => await harness.sender.job(await harness.sender.tenant(), 1, "running"),
    ],
  ])("%s is unknown", async (_, idOf) => {
    const jobId = await idOf();
    const [direct, subscribing] = [connect(`/ws/job/${jobId}`), connect("/ws")];
    await subscribing.type("connected");
    subscribing.send({ type: "subscribe_job", job_id: jobId });
    for (const client of [direct, subscribing]) {
      expect(await client.type("error")).toEqual({
        type: "error",
        error: expect.any(String),
        code: "unknown_job",
        job_id: jobId,
      });
      await client.sync();
      expect(client.types).toEqual(["connected", "error", "pong"]);
    }
  });

  test("one subscription too many is refused and the others go on", async () => {
    const small = await openHarness({ options: { maxSubscriptions: 2 } });
    try {
      const tenant = await small.sender.tenant();
      const jobs = await Promise.all([1, 2, 3].map(() => small.sender.job(tenant, 1)));
      const client = small.connect(`/ws?token=${small.token(tenant)}`);
      await client.type("connected");
      for (const jobId of jobs) client.send({ type: "subscribe_job", job_id: jobId });
      expect(await client.type("error")).toMatchObject({ code: "too_many_subscriptions", job_id: jobs[2] });
      await small.sender.move(jobs[0] ?? "", { sent: phones(1) });
      await client.type("job_completed");
    } finally {
      await small.close();
    }
  });
});
