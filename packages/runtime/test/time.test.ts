import { getEventListeners } from "node:events";
import { expect, test } from "vitest";
import { backoffMs, monotonicMs, sleep } from "@pregonero/runtime";

test("sleep says whether it slept to the end", async () => {
  const before = monotonicMs();
  expect(await sleep(15)).toBe(true);
  expect(monotonicMs() - before).toBeGreaterThanOrEqual(14);
});

test("sleep ends when aborted and leaves no listener behind", async () => {
  const abort = new AbortController();
  const sleeping = sleep(60_000, abort.signal);
  await sleep(1, abort.signal);
  expect(getEventListeners(abort.signal, "abort")).toHaveLength(1);
  abort.abort();
  expect(await sleeping).toBe(false);
  expect(await sleep(60_000, abort.signal)).toBe(false);
});

test("back-off doubles up to its cap, and jitter takes any part of it", () => {
  const highest = (attempt: number): number =>
    backoffMs(attempt, { baseMs: 100, maxMs: 1_000, random: () => 0.9999999 });
  expect([1, 2, 3, 4, 5, 2_000].map(highest)).toEqual([99, 199, 399, 799, 999, 999]);
  expect(backoffMs(4, { baseMs: 100, maxMs: 1_000, random: () => 0 })).toBe(0);
});
