import { describe, expect, test } from "vitest";
import { capOfDay, dayIn, quietForMs } from "../../src/index.ts";

const hourMs = 3_600_000;
const night = { from: "21:00", to: "09:00" };

describe("quiet hours", () => {
  test("by the clock of the zone, across midnight", () => {
    // 22:30 in Lima (UTC-5).
    expect(quietForMs(night, "America/Lima", new Date("2026-11-23T03:30:00Z"))).toBe(10.5 * hourMs);
    // 03:30 in Madrid... is 02:30 UTC.
    expect(quietForMs(night, "Europe/Madrid", new Date("2026-11-23T02:30:00Z"))).toBe(5.5 * hourMs);
    expect(quietForMs(night, "America/Lima", new Date("2026-11-23T17:00:00Z"))).toBe(0);
  });

  test("begin at the minute and end at the minute", () => {
    expect(quietForMs(night, "UTC", new Date("2026-11-23T20:59:59.999Z"))).toBe(0);
    expect(quietForMs(night, "UTC", new Date("2026-11-23T21:00:00Z"))).toBe(12 * hourMs);
    expect(quietForMs(night, "UTC", new Date("2026-11-23T09:00:00Z"))).toBe(0);
  });

  test("of the same day", () => {
    expect(quietForMs({ from: "13:00", to: "15:00" }, "UTC", new Date("2026-11-23T14:00:00Z"))).toBe(hourMs);
  });
});

test("the day is the zone's", () => {
  expect(dayIn("America/Lima", new Date("2026-11-23T03:30:00Z"))).toBe("2026-11-22");
  expect(dayIn("Asia/Tokyo", new Date("2026-11-22T16:00:00Z"))).toBe("2026-11-23");
});

describe("cap of a day", () => {
  test("none without limits", () => {
    expect(capOfDay({}, 3)).toBeNull();
  });

  test("grows from the first day up to the daily cap", () => {
    const limits = { dailyCap: 1_000, warmUp: { firstDay: 20, factor: 2 } };
    expect([0, 1, 2, 5, 6, 300].map((day) => capOfDay(limits, day))).toEqual([20, 40, 80, 640, 1_000, 1_000]);
  });

  test("does not overflow on an old number without a cap", () => {
    expect(capOfDay({ warmUp: { firstDay: 20, factor: 2 } }, 10_000)).toBe(2_000_000_000);
  });
});
