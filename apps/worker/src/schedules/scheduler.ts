import { runDueSchedule, type Database, type RanSchedule, type ScheduleRow } from "@pregonero/db";
import { judgeDue, type DueVerdict, type Timing } from "@pregonero/domain";
import { sleep, type Logger } from "@pregonero/runtime";

export interface SchedulerOptions {
  readonly db: Database;
  readonly log: Logger;
  readonly everyMs: number;
  /** How late a run may be and still count as on time. */
  readonly graceMs: number;
}

/**
 * Runs schedules whose time has come. In every worker, all of them at once: each takes what no other has taken, and a
 * large audience that one of them copies keeps nothing else waiting. Needs nothing but Postgres.
 */
export class Scheduler {
  readonly #options: SchedulerOptions;
  readonly #stop = new AbortController();
  #loop: Promise<void> | undefined;

  constructor(options: SchedulerOptions) {
    this.#options = options;
  }

  start(): void {
    this.#loop ??= this.#run();
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#loop;
  }

  async #run(): Promise<void> {
    while (await sleep(this.#options.everyMs, this.#stop.signal)) {
      try {
        await this.round();
      } catch (error) {
        this.#options.log.warn("schedules could not be run", { error });
      }
    }
  }

  /** Everything that is due. */
  async round(): Promise<void> {
    const { db, graceMs } = this.#options;
    while (!this.#stop.signal.aborted) {
      const ran = await runDueSchedule(db, (schedule, now) => verdictOn(schedule, now, graceMs));
      if (ran === null) return;
      this.#tell(ran);
    }
  }

  #tell({ schedule, run, error }: RanSchedule): void {
    const { log } = this.#options;
    const facts = {
      schedule: schedule.id,
      tenant: schedule.tenant_id,
      job: run?.job_id,
      missed: run?.missed,
    };
    if (run?.status === "failed")
      log.warn("a schedule could not run", { ...facts, reason: run.reason, error });
    else log.info("a schedule's time has come", { ...facts, status: run?.status ?? "run before" });
  }
}

function verdictOn(schedule: ScheduleRow, now: Date, graceMs: number): DueVerdict {
  const { cron, time_zone: timeZone, run_at: runAt, next_run_at: nextRunAt, missed } = schedule;
  const timing: Timing =
    cron === null
      ? { kind: "once", runAt: new Date(runAt ?? 0) }
      : { kind: "cron", expression: cron, timeZone };
  return judgeDue({ timing, missed, nextRunAt: new Date(nextRunAt ?? 0) }, now, graceMs);
}
