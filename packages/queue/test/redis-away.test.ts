import { randomUUID } from "node:crypto";
import { freePort } from "@pregonero/local-stack";
import { afterEach, beforeEach, expect, inject, test } from "vitest";
import { TurnQueues } from "../src/index.ts";
import { gateTo } from "./gate.ts";

/** Whatever is rejected without anybody looking would end a worker. */
const unhandled: unknown[] = [];
const note = (error: unknown) => void unhandled.push(error);

beforeEach(() => {
  unhandled.length = 0;
  process.on("unhandledRejection", note);
});

afterEach(() => {
  process.off("unhandledRejection", note);
});

const queuesOn = (url: string) =>
  new TurnQueues({
    url,
    prefix: `test-${randomUUID()}`,
    turnMs: 1_000,
    onError: () => undefined,
  });

const settled = async (calls: readonly Promise<unknown>[]) => {
  const startedAtMs = performance.now();
  const ends = await Promise.allSettled(calls);
  return { ends: ends.map((end) => end.status), tookMs: performance.now() - startedAtMs };
};

test("a queue that has never met Redis refuses within seconds, leaves nothing behind, and works once Redis is there", async () => {
  const url = new URL(inject("redisUrl"));
  const port = await freePort();
  await using gate = gateTo(new URL(url), port);
  url.port = String(port);
  const queues = queuesOn(url.href);
  const calls = () => [
    queues.wake(1),
    queues.reset(1),
    queues.counts([1]),
    queues.clean(1, 0),
    queues.wake(1),
  ];
  const { ends, tookMs } = await settled(calls());
  expect(ends).toEqual(["rejected", "rejected", "rejected", "rejected", "rejected"]);
  expect(tookMs).toBeLessThan(5_000);

  await gate.open();
  await expect.poll(() => queues.counts([1]).catch(() => []), { timeout: 10_000 }).toHaveLength(1);
  // The turns that were refused were not put there after all.
  expect(await queues.counts([1])).toMatchObject([{ waiting: 0, active: 0 }]);
  await queues.wake(1);
  expect(await queues.counts([1])).toMatchObject([{ waiting: 1 }]);

  await gate.shut();
  // It has met Redis, which is gone: refused as soon.
  expect(await settled([queues.wake(1)])).toMatchObject({ ends: ["rejected"] });
  await queues.close();
  expect(unhandled).toEqual([]);
});

test("queues that never met Redis close at once", async () => {
  const queues = queuesOn(`redis://127.0.0.1:${await freePort()}`);
  const waking = settled([queues.wake(1), queues.wake(2)]);
  const consumer = queues.consume(3, () => Promise.resolve());
  const { ends, tookMs } = await settled([consumer.close(), queues.close(), waking]);
  expect(ends).toEqual(["fulfilled", "fulfilled", "fulfilled"]);
  expect(tookMs).toBeLessThan(5_000);
  expect((await waking).ends).toEqual(["rejected", "rejected"]);
  expect(unhandled).toEqual([]);
});
