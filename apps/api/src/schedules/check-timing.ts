import type { ScheduleTiming } from "@pregonero/contracts";
import { cronComplaint, type Timing } from "@pregonero/domain";
import { validationProblem } from "../http/issues.ts";

const longestAheadMs = 2 * 366 * 86_400_000;

/**
 * An instant that something is planned for.
 * @throws ApiProblem `validation_failed` when it has passed, or is years away
 */
export function checkAhead(time: string, path: string): Date {
  const at = new Date(time);
  const aheadMs = at.getTime() - Date.now();
  if (aheadMs <= 0) throw validationProblem([{ path, message: "has passed already" }]);
  if (aheadMs > longestAheadMs) throw validationProblem([{ path, message: "is more than two years away" }]);
  return at;
}

/** @throws ApiProblem `validation_failed` */
export function checkCron(expression: string, timeZone: string, path: string): void {
  const message = cronComplaint(expression, timeZone);
  if (message !== null) throw validationProblem([{ path, message }]);
}

/** @throws ApiProblem `validation_failed` */
export function checkTiming(timing: ScheduleTiming): Timing {
  if (timing.kind === "once") return { kind: "once", runAt: checkAhead(timing.run_at, "timing.run_at") };
  checkCron(timing.expression, timing.time_zone, "timing.expression");
  return { kind: "cron", expression: timing.expression, timeZone: timing.time_zone };
}
