import { randomUUID } from "node:crypto";
import type { BusEvent } from "@pregonero/contracts";
import { inject, afterEach, beforeEach, expect, test } from "vitest";
import { connectRedis, EventBus, type NumberedEvent, type Redis } from "../src/index.ts";
import "../../../infra/test/provided-context.ts";

const prefix = `test-${randomUUID()}`;
let redis: Redis;
let bus: EventBus;
let other: EventBus;

const open = (history?: { events: number; forMs: number }) =>
  new EventBus({ url: inject("redisUrl"), prefix, name: "history-test", ...(history ? { history } : {}) });

beforeEach(() => {
  redis = connectRedis(inject("redisUrl"), { name: "history-test" });
  bus = open();
  other = open();
});
afterEach(async () => {
  const keys = await redis.keys(`${prefix}*`);
  if (keys.length > 0) await redis.del(keys);
  redis.disconnect();
  await bus.close();
  await other.close();
});

const wake = (deviceId: number): BusEvent => ({ type: "wake", deviceId });

/** A `messages` event about so many messages. */
function moved(count: number): BusEvent {
  const jobId = randomUUID();
  const item = {
    deviceId: 1,
    phone: "34600000000",
    from: "sending" as const,
    state: "sent" as const,
    errorCode: null,
  };
  const zero = {
    total: 9,
    sending: 0,
    sent: 0,
    delivered: 0,
    read: 0,
    failed: 0,
    cancelled: 0,
    skipped: 0,
    unknown: 0,
    settling: 0,
  };
  return {
    type: "messages",
    jobId,
    items: Array.from({ length: count }, () => ({ messageId: randomUUID(), ...item })),
    job: { id: jobId, tenantId: 1, status: "running", statusReason: null, devicesUsed: 1, ...zero },
  };
}

test("several publishers number the events of a stream without gap or double, and all hear them in that order", async () => {
  const heard: NumberedEvent[] = [];
  bus.subscribe("a", (_, numbered) => void (numbered && heard.push(numbered)));
  const start = await bus.head("a");
  expect(start.number).toBe(0);
  await Promise.all(Array.from({ length: 200 }, (_, n) => (n % 2 ? bus : other).append("a", wake(n))));
  await expect.poll(() => heard.length).toBe(200);
  expect(heard.map(({ first }) => first)).toEqual(Array.from({ length: 200 }, (_, n) => n + 1));
  expect(await bus.head("a")).toEqual({ epoch: start.epoch, number: 200 });
  const read = await other.after("a", { ...start, number: 50 }, 1_000);
  expect(read).toEqual(heard.slice(50));
  expect(await other.after("a", { ...start, number: 50 }, 3)).toEqual(heard.slice(50, 53));
  expect(await other.after("a", { ...start, number: 200 }, 3)).toEqual([]);
});

test("an event about several messages takes a number for each", async () => {
  await bus.append("a", moved(3));
  await bus.append("a", moved(2));
  const head = await bus.head("a");
  expect(head.number).toBe(5);
  const entries = await bus.after("a", { ...head, number: 0 }, 10);
  expect(entries?.map(({ first, position }) => [first, position.number])).toEqual([
    [1, 3],
    [4, 5],
  ]);
});

test("a position whose history is gone, of another epoch or of the future is told from one that is up to date", async () => {
  const small = open({ events: 100, forMs: 60_000 });
  try {
    for (let n = 0; n < 1_000; n += 1) await small.append("a", wake(n));
    const head = await small.head("a");
    expect(await small.after("a", { ...head, number: 0 }, 10)).toBeNull();
    expect(await small.after("a", { ...head, number: head.number - 100 }, 10)).toHaveLength(10);
    expect(await small.after("a", { ...head, number: head.number + 1 }, 10)).toBeNull();
    expect(await small.after("a", { epoch: head.epoch - 1, number: head.number }, 10)).toBeNull();
    expect(await redis.xlen(`${prefix}:{stream:a}:events`)).toBeLessThan(500);
  } finally {
    await small.close();
  }
});

test("a stream that was flushed begins anew in a later epoch", async () => {
  await bus.append("a", wake(1));
  const before = await bus.head("a");
  await redis.del(`${prefix}:{stream:a}:events`, `${prefix}:{stream:a}:head`);
  expect(await bus.after("a", before, 10)).toBeNull();
  await bus.append("a", wake(2));
  const after = await bus.head("a");
  expect(after.number).toBe(1);
  expect(after.epoch).toBeGreaterThan(before.epoch);
  expect(await bus.after("a", before, 10)).toBeNull();
});

test("a stream that nobody looks at is forgotten after its time", async () => {
  const brief = open({ events: 100, forMs: 50 });
  try {
    await brief.append("a", wake(1));
    await expect.poll(() => redis.keys(`${prefix}:{stream:a}:*`)).toEqual([]);
  } finally {
    await brief.close();
  }
});

test("an event that could not be stored makes the stream begin anew, so that nobody takes a gap for the whole", async () => {
  await bus.append("a", wake(1));
  const before = await bus.head("a");
  // A head of the wrong type: what Redis answers while it is away, out of memory or read-only is an error as well.
  await redis.rename(`${prefix}:{stream:a}:head`, `${prefix}:aside`);
  await redis.set(`${prefix}:{stream:a}:head`, "x");
  expect(await bus.append("a", wake(2))).toBe(false);
  await redis.rename(`${prefix}:aside`, `${prefix}:{stream:a}:head`);
  expect(await bus.append("a", wake(3))).toBe(true);
  const head = await bus.head("a");
  expect(head.number).toBe(1);
  expect(head.epoch).toBeGreaterThan(before.epoch);
  expect(await bus.after("a", before, 10)).toBeNull();
});

test("also when nothing is ever appended to it again", async () => {
  await bus.append("a", wake(1));
  const before = await bus.head("a");
  await redis.rename(`${prefix}:{stream:a}:head`, `${prefix}:aside`);
  await redis.set(`${prefix}:{stream:a}:head`, "x");
  expect(await bus.append("a", wake(2))).toBe(false);
  await redis.rename(`${prefix}:aside`, `${prefix}:{stream:a}:head`);
  await expect
    .poll(async () => (await other.head("a")).epoch, { timeout: 5_000 })
    .toBeGreaterThan(before.epoch);
});

test("an append that is sent again after a lost connection is not counted twice", async () => {
  await bus.append("a", wake(1));
  const [key, head] = [`${prefix}:{stream:a}:events`, `${prefix}:{stream:a}:head`];
  const { appendScript } = await import("../src/streams/scripts.ts");
  const send = (count: number) =>
    redis.eval(
      appendScript,
      2,
      key,
      head,
      "me",
      count,
      1,
      100,
      60_000,
      0,
      "nobody",
      '{"type":"wake","deviceId":1}',
    );
  const first = await send(1);
  expect(await send(1)).toBe(first);
  expect(await send(2)).not.toBe(first);
  expect((await bus.head("a")).number).toBe(3);
});
