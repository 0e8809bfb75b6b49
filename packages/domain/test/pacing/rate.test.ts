import { describe, expect, test } from "vitest";
import { Rate } from "../../src/index.ts";

/** A clock that is moved by hand. */
function handClock() {
  let nowMs = 1_000;
  return { now: () => nowMs, pass: (ms: number) => (nowMs += ms) };
}

/** Sends whenever it may, looking each ms. @returns how many went in `ms` */
function sendFor(rate: Rate, clock: ReturnType<typeof handClock>, ms: number): number {
  let sent = 0;
  for (let passed = 0; passed < ms; passed++) {
    while (rate.available() >= 1) {
      rate.take(1);
      sent += 1;
    }
    clock.pass(1);
  }
  return sent;
}

describe("rate", () => {
  test("without limits there is no wait", () => {
    const rate = new Rate({}, () => 0);
    expect(rate.limited).toBe(false);
    expect(rate.available()).toBe(Infinity);
    expect(rate.waitMs()).toBe(0);
  });

  test("keeps the average, and the burst after a rest", () => {
    const clock = handClock();
    const rate = new Rate({ perSecond: 20, burst: 5 }, clock.now);
    expect(sendFor(rate, clock, 10_000)).toBe(5 + 199);
    clock.pass(60_000);
    expect(rate.available()).toBe(5);
  });

  test("says how long to wait for the next", () => {
    const clock = handClock();
    const rate = new Rate({ perSecond: 2 }, clock.now);
    rate.take(1);
    expect(rate.waitMs()).toBe(500);
    clock.pass(200);
    expect(rate.waitMs()).toBe(300);
  });

  test("leaves a random gap between the bounds after each message", () => {
    const clock = handClock();
    const draws = [0, 0.5, 0.999];
    const rate = new Rate({ gapMs: { min: 1_000, max: 3_000 } }, clock.now, () => draws.shift() ?? 0);
    const gaps: number[] = [];
    for (let n = 0; n < 3; n++) {
      rate.take(1);
      expect(rate.available()).toBe(0);
      gaps.push(rate.waitMs());
      clock.pass(rate.waitMs());
      expect(rate.available()).toBe(1);
    }
    expect(gaps.map(Math.round)).toEqual([1_000, 2_000, 2_998]);
  });

  test("halves when the provider says too fast, and grows back", () => {
    const clock = handClock();
    const rate = new Rate({ perSecond: 80, burst: 1 }, clock.now);
    sendFor(rate, clock, 2_000);
    rate.slowDown(500);
    expect(rate.available()).toBe(0);
    clock.pass(500);
    const slowed = sendFor(rate, clock, 2_000);
    expect(slowed).toBeGreaterThanOrEqual(70);
    expect(slowed).toBeLessThanOrEqual(84);
    sendFor(rate, clock, 30_000);
    expect(sendFor(rate, clock, 1_000)).toBeGreaterThanOrEqual(76);
  });

  test("a burst of refusals counts as one", () => {
    const clock = handClock();
    const rate = new Rate({ perSecond: 80 }, clock.now);
    sendFor(rate, clock, 2_000);
    for (let n = 0; n < 50; n++) rate.slowDown(0);
    clock.pass(100);
    expect(sendFor(rate, clock, 1_000)).toBeGreaterThanOrEqual(38);
  });

  test("an unlimited device gets a ceiling from what it did when it was refused", () => {
    const clock = handClock();
    const rate = new Rate({}, clock.now);
    rate.take(400);
    rate.slowDown(0);
    expect(rate.limited).toBe(true);
    expect(sendFor(rate, clock, 1_000)).toBeLessThanOrEqual(201);
  });
});
