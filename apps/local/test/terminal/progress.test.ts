import { expect, test } from "vitest";
import { progressLine } from "../../src/terminal/progress.ts";
import { RateMeter } from "../../src/terminal/rate-meter.ts";

test("bar, percentage, count, rate, time left, sent and failed stand in one line", () => {
  const line = progressLine({ sent: 60, failed: 10, total: 280, percentage: 25 }, 21);
  expect(line).toBe(
    `${"█".repeat(7)}${"░".repeat(21)}   25.0 %   70/280  21.0/s  ETA 10 s  sent 60  failed 10`,
  );
});

test("no time left is told while nothing moves, and none when it is done", () => {
  expect(progressLine({ sent: 1, failed: 0, total: 9, percentage: 11.1 }, 0)).toContain("ETA –");
  expect(progressLine({ sent: 9, failed: 0, total: 9, percentage: 100 }, 3)).toContain("  done  ");
});

test("the rate is that of the last seconds, so that a standstill shows", () => {
  const meter = new RateMeter(3_000);
  meter.note(0, 0);
  expect(meter.perSecond).toBe(0);
  meter.note(100, 1_000);
  expect(meter.perSecond).toBe(100);
  for (const atMs of [2_000, 3_000, 4_000, 5_000]) meter.note(100, atMs);
  expect(meter.perSecond).toBe(0);
});
