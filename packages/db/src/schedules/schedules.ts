import type { ScheduleRun } from "@pregonero/contracts";
import type { Actor } from "../api/audit.ts";
import { decodeCursor, isTimeAndId, toJson, toPage, type Page } from "../api/rows.ts";
import type { Queryable } from "../api/transaction.ts";
import { uuidv7 } from "../api/uuid.ts";

/** A schedule as its row has it, instants as ISO 8601. */
export interface ScheduleRow {
  readonly id: string;
  readonly tenant_id: number;
  readonly name: string;
  readonly target: "campaign" | "batch_scraping";
  readonly campaign_id: string | null;
  readonly source_job_id: string | null;
  /** Once, or … */
  readonly run_at: string | null;
  /** … again and again. */
  readonly cron: string | null;
  readonly time_zone: string;
  readonly missed: "skip" | "catch_up";
  readonly overlap: "allow" | "skip";
  readonly enabled: boolean;
  readonly next_run_at: string | null;
  readonly created_by: string;
  readonly created_at: string;
  readonly updated_at: string;
}

/** What callers decide about a schedule. */
export type ScheduleFields = Pick<
  ScheduleRow,
  "name" | "run_at" | "cron" | "time_zone" | "missed" | "overlap" | "enabled" | "next_run_at"
>;

export const scheduleColumns = `s.id, s.tenant_id, s.name, s.target, s.campaign_id, s.source_job_id, s.run_at, s.cron, s.time_zone,
  s.missed, s.overlap, s.enabled, s.next_run_at, s.created_by, s.created_at, s.updated_at`;

/** Newest first. */
export async function listSchedules(
  db: Queryable,
  tenantId: number,
  page: { limit: number; cursor?: string | undefined },
): Promise<Page<ScheduleRow>> {
  const before = decodeCursor(page.cursor, isTimeAndId);
  const { rows } = await db.query<object>(
    `SELECT ${scheduleColumns} FROM schedules s
     WHERE s.tenant_id = $1 AND ($2::timestamptz IS NULL OR (s.created_at, s.id) < ($2, $3))
     ORDER BY s.created_at DESC, s.id DESC LIMIT $4`,
    [tenantId, before?.[0] ?? null, before?.[1] ?? null, page.limit + 1],
  );
  return toPage(
    rows.map((row) => toJson<ScheduleRow>(row)),
    page.limit,
    (schedule) => [schedule.created_at, schedule.id],
  );
}

/** @param lock takes the row's lock, before it is changed */
export async function findSchedule(
  db: Queryable,
  tenantId: number,
  id: string,
  { lock = false } = {},
): Promise<ScheduleRow | null> {
  const { rows } = await db.query<object>(
    `SELECT ${scheduleColumns} FROM schedules s WHERE s.tenant_id = $1 AND s.id = $2 ${lock ? "FOR UPDATE" : ""}`,
    [tenantId, id],
  );
  return rows[0] ? toJson<ScheduleRow>(rows[0]) : null;
}

/** The target must be the tenant's: see to that first. */
export async function insertSchedule(
  tx: Queryable,
  who: Actor,
  schedule: ScheduleFields & Pick<ScheduleRow, "target" | "campaign_id" | "source_job_id">,
): Promise<ScheduleRow> {
  const { rows } = await tx.query<object>(
    `INSERT INTO schedules AS s (id, tenant_id, name, target, campaign_id, source_job_id, run_at, cron, time_zone, missed,
       overlap, enabled, next_run_at, created_by)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) RETURNING ${scheduleColumns}`,
    [
      uuidv7(),
      who.tenantId,
      schedule.name,
      schedule.target,
      schedule.campaign_id,
      schedule.source_job_id,
      schedule.run_at,
      schedule.cron,
      schedule.time_zone,
      schedule.missed,
      schedule.overlap,
      schedule.enabled,
      schedule.next_run_at,
      who.actor,
    ],
  );
  return toJson<ScheduleRow>(rows[0] ?? {});
}

/** Overwrites what callers decide. Needs the row's lock. */
export async function updateSchedule(
  tx: Queryable,
  id: string,
  schedule: ScheduleFields,
): Promise<ScheduleRow> {
  const { rows } = await tx.query<object>(
    `UPDATE schedules s SET name = $2, run_at = $3, cron = $4, time_zone = $5, missed = $6, overlap = $7, enabled = $8,
       next_run_at = $9, updated_at = clock_timestamp()
     WHERE s.id = $1 RETURNING ${scheduleColumns}`,
    [
      id,
      schedule.name,
      schedule.run_at,
      schedule.cron,
      schedule.time_zone,
      schedule.missed,
      schedule.overlap,
      schedule.enabled,
      schedule.next_run_at,
    ],
  );
  return toJson<ScheduleRow>(rows[0] ?? {});
}

/** Its history goes with it; jobs that it made stay. */
export async function deleteSchedule(tx: Queryable, tenantId: number, id: string): Promise<boolean> {
  const { rowCount } = await tx.query("DELETE FROM schedules WHERE tenant_id = $1 AND id = $2", [
    tenantId,
    id,
  ]);
  return rowCount === 1;
}

const runColumns = "r.id, r.planned_at, r.at, r.status, r.missed, r.job_id, r.reason, r.actor";

/** Newest first. The schedule must be the tenant's: see to that first. */
export async function listScheduleRuns(
  db: Queryable,
  scheduleId: string,
  page: { limit: number; cursor?: string | undefined },
): Promise<Page<ScheduleRun>> {
  const before = decodeCursor(page.cursor, isTimeAndId);
  const { rows } = await db.query<object>(
    `SELECT ${runColumns} FROM schedule_runs r
     WHERE r.schedule_id = $1 AND ($2::timestamptz IS NULL OR (r.planned_at, r.id) < ($2, $3))
     ORDER BY r.planned_at DESC, r.id DESC LIMIT $4`,
    [scheduleId, before?.[0] ?? null, before?.[1] ?? null, page.limit + 1],
  );
  return toPage(
    rows.map((row) => toJson<ScheduleRun>(row)),
    page.limit,
    (run) => [run.planned_at, run.id],
  );
}

/** The newest run of each of these schedules that has one. */
export async function readLastRuns(
  db: Queryable,
  scheduleIds: readonly string[],
): Promise<ReadonlyMap<string, ScheduleRun>> {
  const { rows } = await db.query<{ schedule_id: string; run: object }>(
    `SELECT s.id AS schedule_id, to_jsonb(r) AS run FROM unnest($1::uuid[]) AS s (id)
     CROSS JOIN LATERAL (
       SELECT ${runColumns} FROM schedule_runs r WHERE r.schedule_id = s.id ORDER BY r.planned_at DESC LIMIT 1
     ) r`,
    [scheduleIds],
  );
  return new Map(rows.map(({ schedule_id, run }) => [schedule_id, runOfJson(run)]));
}

/** JSON made by Postgres writes instants with an offset. */
function runOfJson(json: object): ScheduleRun {
  const run = json as ScheduleRun;
  const iso = (time: string) => new Date(time).toISOString();
  return { ...run, planned_at: iso(run.planned_at), at: iso(run.at) };
}
