import { latestRun, nextRun, upcomingRuns, type Timing } from "./timing.ts";

export interface DueSchedule {
  readonly timing: Timing;
  readonly missed: "skip" | "catch_up";
  /** The planned instant that has come. */
  readonly nextRunAt: Date;
}

export interface DueVerdict {
  readonly action: "run" | "skip";
  /** The instant that is run or skipped: the newest that has come. */
  readonly plannedAt: Date;
  /** Earlier instants that go with it, counted to 1,000. */
  readonly missed: number;
  /** Null when nothing is to come. */
  readonly nextRunAt: Date | null;
}

const countedTo = 1_000;

/**
 * What is to become of a schedule whose time has come. On time (within `graceMs`) it runs. Instants that passed while
 * nobody was there are made up for by one run (`catch_up`) or by none (`skip`): nobody wants a night's messages at once.
 */
export function judgeDue(schedule: DueSchedule, now: Date, graceMs: number): DueVerdict {
  const { timing, missed: policy, nextRunAt } = schedule;
  const plannedAt = latestRun(timing, nextRunAt, now);
  const onTime = now.getTime() - plannedAt.getTime() <= graceMs;
  return {
    action: onTime || policy === "catch_up" ? "run" : "skip",
    plannedAt,
    missed: countBetween(timing, nextRunAt, plannedAt),
    nextRunAt: timing.kind === "once" ? null : nextRun(timing, now),
  };
}

function countBetween(timing: Timing, first: Date, last: Date): number {
  if (first >= last) return 0;
  // `first` itself, and those after it that come before `last`.
  return 1 + upcomingRuns(timing, first, countedTo - 1).filter((run) => run < last).length;
}
