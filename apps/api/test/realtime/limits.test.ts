import { connect as connectTcp } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import type { RealtimeOptions } from "../../src/realtime/index.ts";
import type { FrameClient } from "./support/frame-client.ts";
import { openHarness, type Harness } from "./support/harness.ts";
import { phones } from "./support/sender.ts";

let harness: Harness;
afterEach(() => harness.close());

async function open(options: Partial<RealtimeOptions> = {}): Promise<{ tenantId: number; ws: FrameClient }> {
  harness = await openHarness({ options });
  const tenantId = await harness.sender.tenant();
  const ws = harness.connect(`/ws?token=${harness.token(tenantId)}`);
  await ws.type("connected");
  return { tenantId, ws };
}

describe("what a client sends", () => {
  test("a frame over 64 KB closes the connection with 1009", async () => {
    const { ws } = await open();
    ws.send({ type: "ping", timestamp: "x".repeat(65_000) });
    await ws.type("pong");
    ws.send({ type: "ping", timestamp: "x".repeat(66_000) });
    expect(await ws.closed).toMatchObject({ code: 1009 });
  });

  test("a burst of 100 frames is fine, a flood closes the connection with 4029", async () => {
    const { ws } = await open();
    for (let i = 0; i < 100; i += 1) ws.send({ type: "ping", timestamp: i });
    await ws.until((frame) => frame["timestamp"] === 99);
    for (let i = 0; i < 100; i += 1) ws.send({ type: "ping", timestamp: i });
    expect(await ws.closed).toMatchObject({ code: 4029 });
  });

  test("a flood of control frames ends the connection as well", async () => {
    const { ws } = await open();
    for (let i = 0; i < 200; i += 1) ws.socket.ping();
    // ws itself cuts a connection with too many unanswered pings, before we count to a hundred or after.
    expect([1006, 4029]).toContain((await ws.closed).code);
  });
});

describe("a client that does not read", () => {
  /** Each event has 500 progress frames, about 100 KB. */
  const flood = async (jobId: string, events: number) => {
    for (let i = 0; i < events; i += 1) await harness.sender.move(jobId, { sent: phones(500, i * 500) });
  };

  test("skips progress above its budget, delays nobody, and has the newest figures when it reads again", async () => {
    // A busy machine may be late; that events count as lost then is not what this is about.
    const { tenantId, ws } = await open({ lateMs: 20_000 });
    const jobId = await harness.sender.job(tenantId, 40_001);
    const slow = harness.connect(`/ws/job/${jobId}?token=${harness.token(tenantId)}`);
    for (const client of [slow, ws]) await client.type("connected");
    ws.send({ type: "subscribe_job", job_id: jobId });
    for (const client of [slow, ws]) await client.type("job_created");
    slow.socket.pause();
    await flood(jobId, 80);
    await ws.until((frame) => (frame["progress"] as { sent?: number } | undefined)?.sent === 40_000);
    expect(ws.of("progress")).toHaveLength(40_000);

    slow.socket.resume();
    await slow.until((frame) => (frame["progress"] as { sent?: number } | undefined)?.sent === 40_000);
    const told = slow.of("progress").map((frame) => (frame["progress"] as { sent: number }).sent);
    expect(told.length).toBeLessThan(40_000);
    expect(told).toEqual(told.toSorted((a, b) => a - b));
    expect(await harness.metric("pregonero_ws_frames_dropped_total")).toBe(40_000 - told.length);

    await harness.sender.move(jobId, { failed: phones(1, 40_000) });
    await slow.type("job_completed");
    expect(slow.of("error")).toHaveLength(1);
  });

  test("is sent away with 4008 when even what it may not miss piles up", async () => {
    const { tenantId, ws } = await open({ closeAboveBytes: 100_000, conflateAboveBytes: 50_000 });
    const jobId = await harness.sender.job(tenantId, 200_000);
    const slow = harness.connect(`/ws/job/${jobId}?token=${harness.token(tenantId)}`);
    await slow.type("job_created");
    slow.socket.pause();
    let failed = 0;
    await expect
      .poll(
        async () => {
          await harness.sender.move(jobId, { failed: phones(500, failed) });
          failed += 500;
          return await harness.metric("pregonero_ws_connections");
        },
        { timeout: 25_000, interval: 1 },
      )
      .toBe(1);
    slow.socket.resume();
    await slow.closed;
    await ws.sync();
  });
});

describe("connections", () => {
  test("one that shows no sign of life is cut, others are kept", async () => {
    const { tenantId, ws } = await open({ heartbeatMs: 300 });
    const dead = connectTcp(harness.port, "127.0.0.1");
    dead.on("error", () => undefined);
    dead.write(
      `GET /ws?token=${harness.token(tenantId)} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
    );
    await new Promise((resolve) => dead.once("data", resolve));
    dead.resume();
    await new Promise((resolve) => dead.once("close", resolve));
    await ws.sync();
  });

  test("above the limit of the process upgrades get 503, above the tenant's 1013", async () => {
    const { tenantId, ws } = await open({ maxConnections: 3, maxConnectionsPerTenant: 2 });
    const second = harness.connect(`/ws?token=${harness.token(tenantId)}`);
    await second.type("connected");
    const third = harness.connect(`/ws?token=${harness.token(tenantId)}`);
    expect(await third.closed).toMatchObject({ code: 1013 });
    const other = harness.connect(`/ws?token=${harness.token(await harness.sender.tenant())}`);
    await other.type("connected");
    const refused = harness.connect("/ws");
    const status = await new Promise((resolve) => {
      refused.socket.on("unexpected-response", (_, response) => resolve(response.statusCode));
    });
    expect(status).toBe(503);
    second.close();
    await expect.poll(() => harness.metric("pregonero_ws_connections")).toBe(2);
    await harness.connect(`/ws?token=${harness.token(tenantId)}`).type("connected");
    await ws.sync();
  });

  test("hear bye and 1012 when the server stops, and one that does not answer is cut", async () => {
    const { tenantId, ws } = await open({ byeMs: 300 });
    const deaf = harness.connect(`/ws?token=${harness.token(tenantId)}`);
    await deaf.type("connected");
    deaf.socket.pause();
    await harness.stop();
    expect(await ws.closed).toEqual({ code: 1012, reason: "service restart" });
    expect(ws.frames.at(-1)).toEqual({
      type: "bye",
      message: expect.any(String),
      reconnect_ms: expect.any(Number),
    });
    await expect.poll(() => harness.metric("pregonero_ws_connections")).toBe(0);
  });
});
