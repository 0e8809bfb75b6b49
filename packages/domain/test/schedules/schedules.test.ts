import { describe, expect, test } from "vitest";
import { cronComplaint, judgeDue, nextRun, upcomingRuns, type Timing } from "../../src/index.ts";

const at = (iso: string) => new Date(iso);
const cron = (expression: string, timeZone = "UTC"): Timing => ({ kind: "cron", expression, timeZone });
const instants = (timing: Timing, after: string, count: number) =>
  upcomingRuns(timing, at(after), count).map((run) => run.toISOString().slice(0, 16));

describe("clock changes", () => {
  test("a time of day that spring leaves out is run once, right after the gap", () => {
    // Madrid goes from 02:00 to 03:00 on 29 March 2026 at 01:00 UTC.
    expect(instants(cron("30 2 * * *", "Europe/Madrid"), "2026-03-28T12:00:00Z", 2)).toEqual([
      "2026-03-29T01:00",
      "2026-03-30T00:30",
    ]);
  });

  test("a time of day that autumn has twice is run once", () => {
    expect(instants(cron("30 2 * * *", "Europe/Madrid"), "2026-10-24T12:00:00Z", 2)).toEqual([
      "2026-10-25T00:30",
      "2026-10-26T01:30",
    ]);
  });

  test("half-hours go on through both, none left out and none twice", () => {
    for (const day of ["2026-03-29", "2026-10-25"]) {
      const runs = upcomingRuns(cron("*/30 * * * *", "Europe/Madrid"), at(`${day}T00:15:00Z`), 8);
      const gaps = runs.slice(1).map((run, n) => run.getTime() - (runs[n]?.getTime() ?? 0));
      expect(new Set(gaps)).toEqual(new Set([1_800_000]));
    }
  });

  test("nine o'clock stays nine o'clock on the zone's clock", () => {
    expect(instants(cron("0 9 * * *", "America/Santiago"), "2026-09-04T20:00:00Z", 2)).toEqual([
      "2026-09-05T13:00",
      "2026-09-06T12:00",
    ]);
  });
});

describe("expressions", () => {
  test.each(["* * * *", "* * * * * *", "61 * * * *", "@reboot", "a b c d e", "0 0 30 2 *"])(
    "%s is refused",
    (expression) => expect(cronComplaint(expression, "UTC")).toEqual(expect.any(String)),
  );

  test("a zone that is none is named", () => {
    expect(cronComplaint("0 9 * * *", "Mars/Olympus")).toContain("Mars/Olympus");
  });

  test("what is common is taken", () => {
    for (const expression of ["*/5 * * * *", "0 9 * * MON-FRI", "0 8 1,15 * *", "0 0 L * *"])
      expect(cronComplaint(expression, "America/Bogota")).toBeNull();
  });
});

describe("a schedule whose time has come", () => {
  const minute = 60_000;
  const hourly = { timing: cron("0 * * * *"), nextRunAt: at("2026-11-25T03:00:00Z") };

  test.each(["skip", "catch_up"] as const)("runs when it is on time, with policy %s", (missed) => {
    expect(judgeDue({ ...hourly, missed }, at("2026-11-25T03:00:20Z"), minute)).toEqual({
      action: "run",
      plannedAt: at("2026-11-25T03:00:00Z"),
      missed: 0,
      nextRunAt: at("2026-11-25T04:00:00Z"),
    });
  });

  test("catches up with one run for all that were missed", () => {
    expect(judgeDue({ ...hourly, missed: "catch_up" }, at("2026-11-25T07:30:00Z"), minute)).toEqual({
      action: "run",
      plannedAt: at("2026-11-25T07:00:00Z"),
      missed: 4,
      nextRunAt: at("2026-11-25T08:00:00Z"),
    });
  });

  test("skips what was missed, and still runs the instant that is on time", () => {
    const late = judgeDue({ ...hourly, missed: "skip" }, at("2026-11-25T07:30:00Z"), minute);
    expect(late).toMatchObject({ action: "skip", missed: 4, nextRunAt: at("2026-11-25T08:00:00Z") });
    const back = judgeDue({ ...hourly, missed: "skip" }, at("2026-11-25T07:00:10Z"), minute);
    expect(back).toMatchObject({ action: "run", plannedAt: at("2026-11-25T07:00:00Z"), missed: 4 });
  });

  test("a year of minutes is judged at once", () => {
    const minutely = { timing: cron("* * * * *"), nextRunAt: at("2025-11-25T00:00:00Z") };
    const verdict = judgeDue({ ...minutely, missed: "catch_up" }, at("2026-11-25T00:00:30Z"), minute);
    expect(verdict).toMatchObject({ plannedAt: at("2026-11-25T00:00:00Z"), missed: 1_000 });
  });

  test("once is once", () => {
    const runAt = at("2026-11-25T03:00:00Z");
    const once = { timing: { kind: "once", runAt } as const, nextRunAt: runAt };
    const days = at("2026-11-28T00:00:00Z");
    expect(judgeDue({ ...once, missed: "catch_up" }, days, minute)).toEqual({
      action: "run",
      plannedAt: runAt,
      missed: 0,
      nextRunAt: null,
    });
    expect(judgeDue({ ...once, missed: "skip" }, days, minute).action).toBe("skip");
    expect(nextRun(once.timing, days)).toBeNull();
  });
});
