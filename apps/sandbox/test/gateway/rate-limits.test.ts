import { expect, test } from "vitest";
import { PairLimit, Throughput } from "../../src/gateway/rate-limits.ts";

test("in no second more than so many get through", () => {
  const throughput = new Throughput();
  const passed: number[] = [];
  for (let now = 0; now < 5_000; now += 7) {
    if (throughput.take(20, now)) passed.push(now);
  }
  const inSecondFrom = (start: number) => passed.filter((at) => at >= start && at < start + 1_000).length;

  expect(Math.max(...passed.map(inSecondFrom))).toBe(20);
  expect(passed.length).toBe(100);
});

test("many at once get through together or not at all", () => {
  const throughput = new Throughput();

  expect(throughput.take(10, 0, 8)).toBe(true);
  expect(throughput.take(10, 1, 3)).toBe(false);
  expect(throughput.take(10, 1, 2)).toBe(true);
  expect(throughput.take(10, 2)).toBe(false);
  expect(throughput.take(10, 5_000, 11)).toBe(false);
  expect(throughput.take(10, 5_000, 10)).toBe(true);
});

test("without a figure everything gets through, and a new figure counts from now on", () => {
  const throughput = new Throughput();

  expect(throughput.take(null, 0, 1_000_000)).toBe(true);
  expect(throughput.take(1, 0)).toBe(true);
  expect(throughput.take(1, 1)).toBe(false);
  expect(throughput.take(2, 2, 2)).toBe(true);
});

test("a burst to one recipient is paid back one by one", () => {
  const pairs = new PairLimit();
  const limit = { everyMs: 6_000, burst: 45 };
  const taken = (to: string, now: number, count: number) =>
    Array.from({ length: count }, () => pairs.take(to, now, limit)).filter(Boolean).length;

  expect(taken("a", 0, 100)).toBe(45);
  expect(taken("b", 0, 1)).toBe(1);
  expect(taken("a", 5_999, 10)).toBe(0);
  expect(taken("a", 6_000, 10)).toBe(1);
  expect(taken("a", 6_000 * 46, 100)).toBe(45);
});
