import { expect, test } from "vitest";
import { defaultPacing, DevicePace } from "../../src/dispatch/pace.ts";
import { openTimeZones } from "../../src/dispatch/time-zones.ts";

const timeZones = openTimeZones();

function pace(stored: object, at: string, dueInMs: number | null = null) {
  const clock = { nowMs: 0, wall: new Date(at) };
  const subject = new DevicePace({
    stored,
    fallback: {},
    linkedAt: new Date("2026-11-20T00:00:00Z"),
    dueInMs,
    timeZones,
    monotonic: () => clock.nowMs,
    wallClock: () => clock.wall,
    random: () => 0.5,
  });
  return { subject, clock };
}

test("on WhatsApp's own servers nobody has to ask for care; a stand-in is as fast as it can be", () => {
  expect(defaultPacing("whatsapp_web", "https://web.whatsapp.com")).toMatchObject({
    messages_per_minute: 10,
  });
  expect(defaultPacing("whatsapp_cloud", "https://graph.facebook.com")).toMatchObject({
    messages_per_second: 80,
  });
  expect(defaultPacing("whatsapp_web", "http://127.0.0.1:4000")).toEqual({});
});

test("the device's quiet hours hold campaigns back until they are over", () => {
  const { subject, clock } = pace(
    { quiet_hours: { from: "21:00", to: "09:00" }, time_zone: "America/Lima" },
    "2026-11-23T13:30:00Z",
  );
  expect(subject.waitMs()).toBe(30 * 60_000);
  clock.wall = new Date("2026-11-23T14:00:00Z");
  expect(subject.waitMs()).toBe(0);
});

test("the recipient's quiet hours are those of the number's country", () => {
  const { subject } = pace(
    { quiet_hours: { from: "21:00", to: "09:00", of: "recipient" } },
    "2026-11-23T03:00:00Z",
  );
  expect(subject.waitMs()).toBe(0);
  // 22:00 in Peru, 04:00 in Spain, 12:00 in Japan.
  expect(subject.recipientQuietMs("51912345678")).toBe(11 * 3_600_000);
  expect(subject.recipientQuietMs("34600123456")).toBe(5 * 3_600_000);
  expect(subject.recipientQuietMs("819012345678")).toBe(0);
});

test("of a country with several zones it is the number's own that counts, or all that it may be in", () => {
  const { subject } = pace(
    { quiet_hours: { from: "21:00", to: "09:00", of: "recipient" } },
    "2026-11-23T15:00:00Z",
  );
  // 10:00 in New York, 07:00 in Los Angeles, 05:00 in Honolulu, 12:00 in São Paulo, 11:00 in Manaus.
  expect(subject.recipientQuietMs("12125551234")).toBe(0);
  expect(subject.recipientQuietMs("13105551234")).toBe(2 * 3_600_000);
  expect(subject.recipientQuietMs("18085551234")).toBe(4 * 3_600_000);
  expect(subject.recipientQuietMs("5511987654321")).toBe(0);
  // Somewhere between Tijuana (07:00) and Cancún (10:00).
  expect(subject.recipientQuietMs("5216641234567")).toBe(2 * 3_600_000);
  // Anywhere in North America: by the device's own clock, 15:00 UTC.
  expect(subject.recipientQuietMs("18005551234")).toBe(0);
});

test("the next holder goes on where the last one left off", () => {
  const gap = { gap_ms: { min: 5_000, max: 5_000 } };
  const { subject: waits, clock } = pace(gap, "2026-11-23T12:00:00Z", 3_000);
  expect(waits.available()).toBe(0);
  expect(waits.waitMs()).toBe(3_000);
  clock.nowMs = 3_000;
  expect(waits.available()).toBe(1);

  const burst = { messages_per_second: 10, burst: 10 };
  expect(pace(burst, "2026-11-23T12:00:00Z", null).subject.available()).toBe(10);
  // The burst was spent, and half a second ago the next was due: six tokens since.
  expect(Math.floor(pace(burst, "2026-11-23T12:00:00Z", -500).subject.available())).toBe(6);
  const { subject: spent, clock: later } = pace(burst, "2026-11-23T12:00:00Z", 100);
  expect(spent.available()).toBe(0);
  later.nowMs = 100;
  expect(Math.floor(spent.available())).toBe(1);
});

test("a new number warms up day by day", () => {
  const { subject, clock } = pace(
    { daily_cap: 1_000, warm_up: { first_day: 50, factor: 1.5 }, time_zone: "America/Lima" },
    "2026-11-20T12:00:00Z",
  );
  expect(subject.today()).toEqual({ day: "2026-11-20", cap: 50 });
  clock.wall = new Date("2026-11-22T12:00:00Z");
  expect(subject.today()).toEqual({ day: "2026-11-22", cap: 112 });
  clock.wall = new Date("2027-11-22T12:00:00Z");
  expect(subject.today().cap).toBe(1_000);
});

test("messages per minute and a gap hold both", () => {
  const { subject, clock } = pace(
    { messages_per_minute: 60, gap_ms: { min: 500, max: 500 } },
    "2026-11-23T12:00:00Z",
  );
  let sent = 0;
  for (; clock.nowMs < 60_000; clock.nowMs += 10) {
    if (subject.available() >= 1) {
      subject.take(1);
      sent += 1;
    }
  }
  expect(sent).toBeGreaterThanOrEqual(59);
  expect(sent).toBeLessThanOrEqual(61);
});
