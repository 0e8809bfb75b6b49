export { judgeDue, type DueSchedule, type DueVerdict } from "./judge-due.ts";
export { cronComplaint, nextRun, upcomingRuns, type Timing } from "./timing.ts";
