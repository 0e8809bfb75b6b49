import { expect, test } from "vitest";
import { formOf, pacingOf } from "../src/app/devices/device/pace-fields.ts";

test("a pace that goes through the form is what it was, also where the form does not show it", () => {
  const pacing = {
    messages_per_second: 2,
    messages_per_minute: 10,
    burst: 3,
    gap_ms: { min: 4_000, max: 12_000 },
    daily_cap: 500,
    warm_up: { first_day: 20, factor: 1.5 },
    quiet_hours: { from: "21:00", to: "08:00", of: "recipient" as const },
    time_zone: "America/Bogota",
  };
  expect(pacingOf(formOf(pacing), pacing)).toEqual(pacing);
  expect(pacingOf(formOf({}), {})).toEqual({});
});

test("what is empty is no limit; decimals may be written with a comma", () => {
  const fields = { ...formOf({ daily_cap: 5 }), dailyCap: "", perMinute: "2,5", gapMin: "1.5" };
  expect(pacingOf(fields, {})).toEqual({ messages_per_minute: 2.5, gap_ms: { min: 1_500, max: 1_500 } });
});
