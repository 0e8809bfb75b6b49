import type { ScheduleRun } from "@pregonero/contracts";
import { toJson } from "../api/rows.ts";
import { isOutage, transaction, type Transaction } from "../api/transaction.ts";
import { uuidv7 } from "../api/uuid.ts";
import type { Database } from "../database.ts";
import { scheduleColumns, type ScheduleRow } from "./schedules.ts";
import { refusalOf, startTarget } from "./targets.ts";

/** What is to become of a schedule whose time has come; see `judgeDue` in packages/domain. */
export interface RunDecision {
  readonly action: "run" | "skip";
  readonly plannedAt: Date;
  readonly missed: number;
  readonly nextRunAt: Date | null;
}

export interface RanSchedule {
  readonly schedule: ScheduleRow;
  /** Null when this instant was run before. */
  readonly run: ScheduleRun | null;
  /** Why it could not be started, when it is nothing that its line of history can say. */
  readonly error?: unknown;
}

const late = { status: "skipped", reason: "no worker was there in time" } as const;

/**
 * Takes one schedule whose time has come and runs or skips it, in one transaction with its line of history and its next
 * instant: a worker that dies meanwhile has done nothing. Workers pass over what another has taken.
 *
 * @param decide gets the database's clock
 * @returns null when nothing is due
 */
export async function runDueSchedule(
  db: Database,
  decide: (schedule: ScheduleRow, now: Date) => RunDecision,
): Promise<RanSchedule | null> {
  return await transaction(db, async (tx) => {
    const { rows } = await tx.query<object & { now: Date }>(
      `SELECT ${scheduleColumns}, clock_timestamp() AS now FROM schedules s
       WHERE s.next_run_at <= clock_timestamp() AND s.enabled ORDER BY s.next_run_at LIMIT 1 FOR UPDATE SKIP LOCKED`,
    );
    if (!rows[0]) return null;
    const { now, ...row } = rows[0];
    const schedule = toJson<ScheduleRow>(row);
    const decision = decide(schedule, now);
    const ran =
      decision.action === "run"
        ? await startRun(tx, schedule, decision)
        : { run: await writeRun(tx, schedule, decision, late) };
    await tx.query("UPDATE schedules SET next_run_at = $2 WHERE id = $1", [schedule.id, decision.nextRunAt]);
    return { schedule, ...ran };
  });
}

/** Runs a schedule now, at somebody's word. What is planned stays planned. */
export async function runScheduleNow(
  tx: Transaction,
  schedule: ScheduleRow,
  actor: string,
): Promise<ScheduleRun> {
  const { run, error } = await startRun(tx, schedule, { plannedAt: new Date(), missed: 0, actor });
  if (error !== undefined) throw error;
  if (!run) throw new Error("a run of this very instant exists already");
  return run;
}

interface PlannedRun {
  readonly plannedAt: Date;
  readonly missed: number;
  readonly actor?: string;
}

async function startRun(
  tx: Transaction,
  schedule: ScheduleRow,
  planned: PlannedRun,
): Promise<Omit<RanSchedule, "schedule">> {
  const open =
    schedule.overlap === "skip" && planned.actor === undefined ? await openJobOf(tx, schedule) : null;
  if (open !== null) {
    const reason = `the job of the run before has not ended: ${open}`;
    return { run: await writeRun(tx, schedule, planned, { status: "skipped", reason }) };
  }
  const run = await writeRun(tx, schedule, planned, { status: "started", reason: null });
  if (!run) return { run };
  await tx.query("SAVEPOINT target");
  try {
    const jobId = await startTarget(tx, schedule, planned.actor ?? `schedule:${schedule.id}`);
    await tx.query("UPDATE schedule_runs SET job_id = $2 WHERE id = $1", [run.id, jobId]);
    return { run: { ...run, job_id: jobId } };
  } catch (error) {
    if (isOutage(error)) throw error;
    // What can never work must not be tried again every second.
    await tx.query("ROLLBACK TO SAVEPOINT target");
    const refusal = refusalOf(error);
    const reason = refusal ?? "it could not be started: an internal error";
    await tx.query("UPDATE schedule_runs SET status = 'failed', reason = $2 WHERE id = $1", [run.id, reason]);
    const failed: ScheduleRun = { ...run, status: "failed", reason };
    return refusal === null ? { run: failed, error } : { run: failed };
  }
}

async function writeRun(
  tx: Transaction,
  schedule: ScheduleRow,
  { plannedAt, missed, actor }: PlannedRun,
  end: Pick<ScheduleRun, "status" | "reason">,
): Promise<ScheduleRun | null> {
  const { rows } = await tx.query<object>(
    `INSERT INTO schedule_runs (id, schedule_id, planned_at, status, missed, reason, actor) VALUES ($1, $2, $3, $4, $5, $6, $7)
     ON CONFLICT (schedule_id, planned_at) DO NOTHING
     RETURNING id, planned_at, at, status, missed, job_id, reason, actor`,
    [uuidv7(), schedule.id, plannedAt, end.status, missed, end.reason, actor ?? null],
  );
  return rows[0] ? toJson<ScheduleRun>(rows[0]) : null;
}

/** The job of the newest run, if it has not ended. */
async function openJobOf(tx: Transaction, schedule: ScheduleRow): Promise<string | null> {
  const { rows } = await tx.query<{ id: string }>(
    `SELECT r.job_id AS id FROM (
       SELECT r.job_id FROM schedule_runs r WHERE r.schedule_id = $1 AND r.job_id IS NOT NULL ORDER BY r.planned_at DESC LIMIT 1
     ) r
     LEFT JOIN send_messages_jobs m ON m.id = r.job_id LEFT JOIN scraping_jobs b ON b.id = r.job_id
     WHERE coalesce(m.status, b.status) NOT IN ('completed', 'failed', 'cancelled')`,
    [schedule.id],
  );
  return rows[0]?.id ?? null;
}
