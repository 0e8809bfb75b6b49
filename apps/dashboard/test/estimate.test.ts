import { describe, expect, test } from "vitest";
import { estimate } from "../src/app/campaigns/wizard/estimate.ts";

const device = (pacing: object, cap: number | null = null, claimed = 0) => ({
  pacing,
  today: { claimed, cap },
});

describe("the estimate of a campaign", () => {
  test("is that of the slowest limit of each device, of as many devices as may send at once", () => {
    const devices = [
      device({ messages_per_minute: 60, gap_ms: { min: 500, max: 1_500 } }),
      device({ messages_per_minute: 30 }),
      device({ messages_per_second: 5, messages_per_minute: 120 }),
    ];
    const all = estimate({ messages: 210, devices, devicesLimit: null, intervalMs: 0 });
    expect(all).toMatchObject({ perMinute: 210, seconds: 60, leftToday: null, days: 1 });
    // The two fastest of them.
    expect(estimate({ messages: 210, devices, devicesLimit: 2, intervalMs: 0 }).perMinute).toBe(180);
    expect(estimate({ messages: 10, devices, devicesLimit: null, intervalMs: 10_000 }).perMinute).toBeCloseTo(
      18,
    );
  });

  test("is open when a device has no limit, or there is none", () => {
    const open = estimate({ messages: 10, devices: [device({})], devicesLimit: null, intervalMs: 0 });
    expect(open).toMatchObject({ perMinute: null, seconds: null });
    expect(estimate({ messages: 10, devices: [], devicesLimit: null, intervalMs: 0 }).seconds).toBeNull();
  });

  test("spreads over the days that daily caps make of it", () => {
    const devices = [device({ messages_per_minute: 60 }, 100, 40), device({ messages_per_minute: 60 }, 100)];
    const days = (messages: number) => estimate({ messages, devices, devicesLimit: null, intervalMs: 0 });
    expect(days(160)).toMatchObject({ leftToday: 160, days: 1 });
    expect(days(161)).toMatchObject({ days: 2 });
    expect(days(561)).toMatchObject({ days: 4 });
  });
});
