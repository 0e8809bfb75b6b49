import type {
  Schedule,
  scheduleCreateSchema,
  schedulePatchSchema,
  ScheduleRun,
  ScheduleTiming,
} from "@pregonero/contracts";
import {
  findCampaign,
  findSchedule,
  findScrapingJob,
  insertSchedule,
  readLastRuns,
  runScheduleNow,
  transaction,
  updateSchedule,
  writeAudit,
  type Actor,
  type Database,
  type Queryable,
  type ScheduleFields,
  type ScheduleRow,
  type Transaction,
} from "@pregonero/db";
import { nextRun, upcomingRuns, type Timing } from "@pregonero/domain";
import type { z } from "zod";
import { notFound } from "../http/problem.ts";
import { validationProblem } from "../http/issues.ts";
import { checkTiming } from "./check-timing.ts";

const runsShown = 5;
type Target = Pick<ScheduleRow, "target" | "campaign_id" | "source_job_id">;
type Given = z.output<typeof scheduleCreateSchema>;
type GivenPatch = z.output<typeof schedulePatchSchema>;

/** What people do to schedules: each change is one transaction with its line in the audit log. */
export class ScheduleDesk {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** @throws ApiProblem */
  async create(tx: Transaction, who: Actor, given: Given): Promise<Schedule> {
    const timing = checkTiming(given.timing);
    const target = await checkTarget(tx, who.tenantId, given.target);
    const { name, missed, overlap, enabled } = given;
    const when = { ...timingFields(timing), enabled, next_run_at: plannedFor(timing, enabled) };
    const row = await insertSchedule(tx, who, { name, missed, overlap, ...target, ...when });
    await this.#audit(tx, who, "create", row);
    return await shown(tx, row);
  }

  /** @throws ApiProblem */
  async patch(who: Actor, id: string, patch: GivenPatch): Promise<Schedule> {
    return await transaction(this.#db, async (tx) => {
      const old = await existing(tx, who, id, { lock: true });
      const timing = patch.timing === undefined ? timingOf(old) : checkTiming(patch.timing);
      const enabled = patch.enabled ?? old.enabled;
      // What was missed while it was disabled, or by another plan, is not made up for.
      const replan = patch.timing !== undefined || enabled !== old.enabled;
      const fields: ScheduleFields = {
        name: patch.name ?? old.name,
        missed: patch.missed ?? old.missed,
        overlap: patch.overlap ?? old.overlap,
        enabled,
        ...timingFields(timing),
        next_run_at: replan ? plannedFor(timing, enabled) : old.next_run_at,
      };
      const row = await updateSchedule(tx, id, fields);
      await this.#audit(tx, who, "patch", row);
      return await shown(tx, row);
    });
  }

  /** @throws ApiProblem 404 */
  async runNow(tx: Transaction, who: Actor, id: string): Promise<ScheduleRun> {
    const row = await existing(tx, who, id, { lock: true });
    return await runScheduleNow(tx, row, who.actor);
  }

  async #audit(tx: Transaction, who: Actor, verb: string, row: ScheduleRow): Promise<void> {
    const { cron, run_at, time_zone, enabled } = row;
    const detail = { cron, run_at, time_zone, enabled };
    await writeAudit(tx, who, { action: `schedule.${verb}`, subject: `schedule:${row.id}`, detail });
  }
}

/** @throws ApiProblem 404 */
export async function existing(
  db: Queryable,
  who: Pick<Actor, "tenantId">,
  id: string,
  options?: { lock: boolean },
): Promise<ScheduleRow> {
  const row = await findSchedule(db, who.tenantId, id, options);
  if (!row) throw notFound(`schedule with the id ${id}`);
  return row;
}

export async function shown(db: Queryable, row: ScheduleRow): Promise<Schedule> {
  const [schedule] = await shownAll(db, [row]);
  if (!schedule) throw new Error("a schedule without a face");
  return schedule;
}

/** Schedules as callers see them, with what comes next and what came last. */
export async function shownAll(db: Queryable, rows: readonly ScheduleRow[]): Promise<Schedule[]> {
  const lastRuns = await readLastRuns(
    db,
    rows.map(({ id }) => id),
  );
  return rows.map((row) => {
    const { id, name, missed, overlap, enabled, next_run_at, created_by, created_at, updated_at } = row;
    const stamps = { created_by, created_at, updated_at };
    const next_runs = nextRunsOf(row);
    const last_run = lastRuns.get(id) ?? null;
    const [target, timing] = [targetOf(row), shownTiming(row)];
    return {
      id,
      name,
      target,
      timing,
      missed,
      overlap,
      enabled,
      next_run_at,
      next_runs,
      last_run,
      ...stamps,
    };
  });
}

function nextRunsOf(row: ScheduleRow): string[] {
  if (row.next_run_at === null) return [];
  const first = new Date(row.next_run_at);
  const later = upcomingRuns(timingOf(row), first, runsShown - 1);
  return [first, ...later].map((run) => run.toISOString());
}

function targetOf(row: ScheduleRow): Schedule["target"] {
  if (row.target === "campaign") return { kind: "campaign", campaign_id: row.campaign_id ?? "" };
  return { kind: "batch_scraping", job_id: row.source_job_id ?? "" };
}

function shownTiming({ run_at, cron, time_zone }: ScheduleRow): ScheduleTiming {
  if (cron === null) return { kind: "once", run_at: run_at ?? "" };
  return { kind: "cron", expression: cron, time_zone };
}

function timingOf({ run_at, cron, time_zone }: ScheduleRow): Timing {
  if (cron === null) return { kind: "once", runAt: new Date(run_at ?? 0) };
  return { kind: "cron", expression: cron, timeZone: time_zone };
}

function timingFields(timing: Timing): Pick<ScheduleRow, "run_at" | "cron" | "time_zone"> {
  if (timing.kind === "once") return { run_at: timing.runAt.toISOString(), cron: null, time_zone: "UTC" };
  return { run_at: null, cron: timing.expression, time_zone: timing.timeZone };
}

function plannedFor(timing: Timing, enabled: boolean): string | null {
  return enabled ? (nextRun(timing, new Date())?.toISOString() ?? null) : null;
}

/** @throws ApiProblem when the tenant has no such thing */
async function checkTarget(tx: Queryable, tenantId: number, target: Given["target"]): Promise<Target> {
  if (target.kind === "campaign") {
    const campaign = await findCampaign(tx, tenantId, target.campaign_id);
    if (campaign) return { target: "campaign", campaign_id: campaign.id, source_job_id: null };
    throw validationProblem([{ path: "target.campaign_id", message: "is no campaign" }]);
  }
  const job = await findScrapingJob(tx, tenantId, target.job_id);
  if (job) return { target: "batch_scraping", campaign_id: null, source_job_id: job.id };
  throw validationProblem([{ path: "target.job_id", message: "is no batch job" }]);
}
