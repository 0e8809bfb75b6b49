import { judgeDelivery, mostDeliveryTries } from "@pregonero/domain";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

const answer = (status: number, retryAfterMs: number | null = null) => ({ status, retryAfterMs });
const silence = { status: null, retryAfterMs: null };
const even = () => 0.5;
const hour = 3_600_000;

describe("deliveries of webhooks", () => {
  test("any success ends it, 410 ends the endpoint, everything else is tried again", () => {
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 599 }), (status) => {
        const expected = status >= 200 && status < 300 ? "delivered" : status === 410 ? "gone" : "retry";
        expect(judgeDelivery(answer(status), 1, Math.random).outcome).toBe(expected);
      }),
    );
    expect(judgeDelivery(silence, 1, even).outcome).toBe("retry");
  });

  test("twelve tries take about a day, each pause longer than the one before", () => {
    const pauses: number[] = [];
    for (let attempt = 1; attempt < mostDeliveryTries; attempt += 1) {
      const verdict = judgeDelivery(silence, attempt, even);
      if (verdict.outcome !== "retry") throw new Error(`try ${attempt} was the last`);
      pauses.push(verdict.delayMs);
    }
    expect(mostDeliveryTries).toBe(12);
    expect(pauses).toEqual(pauses.toSorted((a, b) => a - b));
    const totalMs = pauses.reduce((sum, ms) => sum + ms, 0);
    expect(totalMs).toBeGreaterThan(23 * hour);
    expect(totalMs).toBeLessThan(25 * hour);
    expect(judgeDelivery(silence, mostDeliveryTries, even)).toEqual({ outcome: "failed" });
  });

  test("pauses vary by a tenth at most", () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (random) => {
        const verdict = judgeDelivery(silence, 3, () => random);
        if (verdict.outcome !== "retry") throw new Error("no retry");
        expect(verdict.delayMs).toBeGreaterThanOrEqual(108_000);
        expect(verdict.delayMs).toBeLessThanOrEqual(132_000);
      }),
    );
  });

  test("a receiver may ask for a longer pause, of an hour at most", () => {
    expect(judgeDelivery(answer(429, 60_000), 1, even)).toEqual({
      outcome: "retry",
      delayMs: 60_000,
      restMs: 60_000,
    });
    expect(judgeDelivery(answer(503, 86_400_000), 1, even)).toMatchObject({ delayMs: hour, restMs: hour });
    expect(judgeDelivery(answer(503, 1), 1, even)).toMatchObject({ delayMs: 5_000 });
  });
});
