import { afterEach, expect, test } from "vitest";
import type { RealtimeOptions } from "../../src/realtime/index.ts";
import type { Frame, FrameClient } from "./support/frame-client.ts";
import { openHarness, type Harness } from "./support/harness.ts";
import { OwnRedis } from "./support/own-redis.ts";
import { phones } from "./support/sender.ts";

let harness: Harness;
let redis: OwnRedis | undefined;
afterEach(async () => {
  await harness.close();
  await redis?.kill();
  redis = undefined;
});

async function open(
  options: Partial<RealtimeOptions> = {},
  redisUrl?: string,
  historyEvents = 20_000,
): Promise<number> {
  harness = await openHarness({
    options,
    historyEvents,
    ...(redisUrl === undefined ? {} : { redisUrl }),
  });
  return await harness.sender.tenant();
}

async function subscribe(tenantId: number, channel: string, after?: string): Promise<FrameClient> {
  const client = harness.connect("/ws", { protocols: ["pregonero.v1", `bearer.${harness.token(tenantId)}`] });
  await client.type("connected");
  client.send({ type: "subscribe", channel, ...(after === undefined ? {} : { after }) });
  await client.type("subscribed");
  return client;
}

const eventsOf = (frame: Frame) => (frame["events"] as unknown[]).length;

/** Numbers of the events that came. */
const numbers = (client: FrameClient): number[] =>
  client.of("events").flatMap((frame) => {
    const first = Number(frame["first"]);
    return Array.from({ length: eventsOf(frame) }, (_, index) => first + index);
  });

const upTo = (count: number, from = 1) => Array.from({ length: count }, (_, index) => from + index);

test("a thousand clients of one job all get every event, once and in order", async () => {
  const tenantId = await open();
  const jobId = await harness.sender.job(tenantId, 500);
  const clients: FrameClient[] = [];
  while (clients.length < 1_000) {
    const some = Array.from({ length: 100 }, () => subscribe(tenantId, `job:${jobId}:messages`));
    clients.push(...(await Promise.all(some)));
  }
  const before = await harness.metric("pregonero_ws_frames_out_total");
  // At once: what a worker with many devices publishes within a few milliseconds.
  const moves = Array.from({ length: 50 }, (_, n) =>
    harness.sender.move(jobId, { sent: phones(10, n * 10) }),
  );
  await Promise.all(moves);
  for (const client of clients)
    await client.until((frame) => String(frame["position"]).endsWith("-500"), 30_000);
  const expected = upTo(500).join();
  expect(clients.filter((client) => numbers(client).join() !== expected)).toEqual([]);
  // Events shared frames: far fewer were written than 50 publications to each.
  expect((await harness.metric("pregonero_ws_frames_out_total")) - before).toBeLessThan(1_000 * 40);
}, 60_000);

test("a client that stops reading is cut off and resumes; the others' events neither stop nor change order", async () => {
  // What the kernel holds for a client that does not read is a lot of events.
  const tenantId = await open({ closeAboveBytes: 200_000, conflateAboveBytes: 100_000 }, undefined, 500_000);
  const jobId = await harness.sender.job(tenantId, 1_000_000);
  const channel = `job:${jobId}:messages`;
  const [fast, slow] = [await subscribe(tenantId, channel), await subscribe(tenantId, channel)];
  await harness.sender.move(jobId, { sent: phones(1) });
  await slow.type("events");
  slow.socket.pause();
  let sent = 1;
  let waits = 0;
  while ((await harness.metric("pregonero_ws_frames_dropped_total")) === 0) {
    await harness.sender.move(jobId, { sent: phones(500, sent) });
    sent += 500;
    // The other one has each publication before the next is made: nothing waits for the slow one.
    await fast.until((frame) => String(frame["position"]).endsWith(`-${sent}`), 5_000);
    waits += 1;
    expect(waits).toBeLessThan(500);
  }
  expect(numbers(fast)).toEqual(upTo(sent));
  slow.socket.resume();
  // Who reads nothing does not read the code either, and is cut off.
  expect([4008, 1006]).toContain((await slow.closed).code);

  const had = numbers(slow);
  expect(had).toEqual(upTo(had.length));
  const again = await subscribe(tenantId, channel, String(slow.of("events").at(-1)?.["position"]));
  await again.until((frame) => String(frame["position"]).endsWith(`-${sent}`));
  expect([...had, ...numbers(again)]).toEqual(upTo(sent));
}, 60_000);

test("while Redis is away clients are told, states come from the rows, and afterwards streams say what they lost", async () => {
  redis = await OwnRedis.start();
  const tenantId = await open({}, redis.url);
  const jobId = await harness.sender.job(tenantId, 9);
  const stream = await subscribe(tenantId, `job:${jobId}:messages`);
  const state = await subscribe(tenantId, `job:${jobId}`);
  await harness.sender.move(jobId, { sent: phones(2) });
  await stream.type("events");

  await redis.kill();
  expect(await stream.type("degraded")).toMatchObject({ degraded: true });
  await harness.sender.commit(jobId, { sent: phones(3, 2) });
  await state.until((frame) => JSON.stringify(frame).includes('"sent":5'));
  const late = harness.connect("/ws", { protocols: ["pregonero.v1", `bearer.${harness.token(tenantId)}`] });
  expect(await late.type("connected")).toMatchObject({ degraded: true });

  await redis.start();
  await stream.until((frame) => frame.type === "degraded" && frame["degraded"] === false, 15_000);
  // This Redis kept nothing on disk: its history is gone.
  const lost = await stream.type("snapshot_required");
  expect(lost).toMatchObject({ reason: "events_lost", position: expect.stringMatching(/-0$/) });
  await harness.sender.move(jobId, { sent: phones(4, 5) });
  await stream.until((frame) => frame.type === "events" && String(frame["position"]).endsWith("-4"));
  expect(stream.of("events").at(-1)).toMatchObject({ first: 1 });
}, 30_000);

test("a subscription that begins while Redis is away gets its position when it is back", async () => {
  redis = await OwnRedis.start();
  const tenantId = await open({}, redis.url);
  await redis.kill();
  await expect.poll(() => harness.bus.ready).toBe(false);
  const client = await subscribe(tenantId, "crm");
  expect(client.of("subscribed")).toMatchObject([{ position: null }]);
  await redis.start();
  await client.until((frame) => frame.type === "subscribed" && frame["position"] !== null, 15_000);
}, 30_000);

test("what a worker counted and died before it could tell is told as lost", async () => {
  const tenantId = await open({ pollMs: 100, lateMs: 50, lostAfterMs: 500 });
  const jobId = await harness.sender.job(tenantId, 9);
  const client = await subscribe(tenantId, `job:${jobId}:messages`);
  await harness.sender.move(jobId, { sent: phones(2) });
  await client.type("events");
  await harness.sender.move(jobId, { sent: phones(1, 2), silent: true });
  expect(await client.type("snapshot_required", 15_000)).toMatchObject({ reason: "events_lost" });
}, 30_000);

test("events that were late, and not lost, ask for no snapshot", async () => {
  const tenantId = await open({ pollMs: 100, lateMs: 50, lostAfterMs: 500 });
  const jobId = await harness.sender.job(tenantId, 9);
  const client = await subscribe(tenantId, `job:${jobId}:messages`);
  await harness.sender.commit(jobId, { sent: phones(1) });
  await expect.poll(() => harness.metric("pregonero_ws_caught_up_total")).toBe(1);
  await harness.sender.tell(jobId, { sent: phones(1) });
  await client.type("events");
  // By the time that a loss of another job, which came later, is told, this one would have been told as well.
  const other = await harness.sender.job(tenantId, 9);
  const loser = await subscribe(tenantId, `job:${other}:messages`);
  await harness.sender.commit(other, { sent: phones(1) });
  await loser.type("snapshot_required");
  await client.sync();
  expect(client.of("snapshot_required")).toEqual([]);
}, 30_000);

test("credentials that say when they end close the connection right then", async () => {
  let ends = new Date(Date.now() + 60_000);
  harness = await openHarness({
    options: { recheckMs: 60_000 },
    authenticateToken: (token) =>
      Promise.resolve(
        Date.now() < ends.getTime() ? { tenantId: Number(token), role: "operator", expiresAt: ends } : null,
      ),
  });
  const tenantId = await harness.sender.tenant();
  ends = new Date(Date.now() + 2_000);
  const client = harness.connect("/ws", { protocols: ["pregonero.v1", `bearer.${tenantId}`] });
  await client.type("connected");
  expect(await client.closed).toMatchObject({ code: 4401 });
  expect(Date.now()).toBeGreaterThanOrEqual(ends.getTime());
  expect(client.of("error")).toMatchObject([{ code: "unauthenticated" }]);
});
