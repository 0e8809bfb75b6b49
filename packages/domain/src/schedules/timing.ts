import { Cron } from "croner";

/** When a schedule runs: once, or whenever a cron expression of five fields fits the clock of a zone. */
export type Timing =
  | { readonly kind: "once"; readonly runAt: Date }
  | { readonly kind: "cron"; readonly expression: string; readonly timeZone: string };

/**
 * Why an expression cannot be used, null when it can. An expression that fits no day at all (30 February) cannot.
 *
 * @param timeZone IANA name
 */
export function cronComplaint(expression: string, timeZone: string): string | null {
  if (!isTimeZone(timeZone)) return `knows no time zone ${timeZone}; name one such as America/Bogota`;
  if (!/^\S+(?: \S+){4}$/.test(expression.trim().replaceAll(/\s+/g, " "))) {
    return "must have five fields: minute, hour, day of month, month, day of week";
  }
  try {
    return open(expression, timeZone).nextRun() === null ? "fits no day that will come" : null;
  } catch (error) {
    const why = error instanceof Error ? error.message.replace(/^CronPattern: /, "") : "is not valid";
    return `is no cron expression: ${why}`;
  }
}

function isTimeZone(name: string): boolean {
  try {
    Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/**
 * The first instants after `after`, at most `count`. A time of day that the clock leaves out in spring is run at the
 * first instant after the gap, one that comes twice in autumn is run once; `*` and steps count real time.
 */
export function upcomingRuns(timing: Timing, after: Date, count: number): Date[] {
  if (timing.kind === "once") return timing.runAt > after ? [timing.runAt] : [];
  return open(timing.expression, timing.timeZone).nextRuns(count, after);
}

/** Null when nothing is to come. */
export function nextRun(timing: Timing, after: Date): Date | null {
  return upcomingRuns(timing, after, 1)[0] ?? null;
}

/** The last instant at or before `now`, not before `first`, which is one itself. */
export function latestRun(timing: Timing, first: Date, now: Date): Date {
  if (timing.kind === "once") return first;
  const [latest] = open(timing.expression, timing.timeZone).previousRuns(1, now);
  return latest !== undefined && latest > first ? latest : first;
}

function open(expression: string, timeZone: string): Cron {
  return new Cron(expression, { timezone: timeZone, mode: "5-part", paused: true });
}
