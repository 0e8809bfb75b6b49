import type { ActiveJob, Overview } from "@pregonero/contracts";
import type { Database } from "../database.ts";
import { toProgress, type ProgressColumns } from "./jobs.ts";
import { toJson } from "./rows.ts";

type ActiveJobRow = Omit<ActiveJob, "progress"> & ProgressColumns;

/** Jobs that have not ended, newest first. */
export async function listActiveJobs(db: Database, tenantId: number, limit: number): Promise<ActiveJob[]> {
  const { rows } = await db.pool.query<object>(
    `SELECT j.id, j.kind, j.campaign_id, c.name, j.status, j.status_reason, j.total, j.sent, j.delivered, j.read,
       j.failed, j.cancelled, j.skipped, j.unknown, j.settling, j.scheduled_at, j.started_at, j.created_at
     FROM send_messages_jobs j LEFT JOIN campaigns c ON c.id = j.campaign_id
     WHERE j.tenant_id = $1 AND j.conversation_id IS NULL AND j.status IN ('scheduled', 'pending', 'running', 'paused')
     ORDER BY j.created_at DESC, j.id DESC LIMIT $2`,
    [tenantId, limit],
  );
  return rows.map((row) => {
    const { total, sent, delivered, read, failed, cancelled, skipped, unknown, settling, ...job } =
      toJson<ActiveJobRow>(row);
    const counters = { total, sent, delivered, read, failed, cancelled, skipped, unknown, settling };
    return { ...job, progress: toProgress(counters) };
  });
}

/** Can each device send, and if not, why; from `v_device_health`. */
export async function listDeviceHealth(db: Database, tenantId: number): Promise<Overview["devices"]> {
  const { rows } = await db.pool.query<Overview["devices"][number]>(
    `SELECT device_id, device AS name, health, coalesce(aside_reason, state_reason) AS reason,
       sent_1m::int AS sent_last_minute
     FROM v_device_health WHERE tenant_id = $1 ORDER BY device_id LIMIT 1000`,
    [tenantId],
  );
  return rows;
}

/** The commonest errors of the last 24 hours, from `v_error_breakdown`. */
export async function listCommonFailures(
  db: Database,
  tenantId: number,
  limit: number,
): Promise<Overview["failures"]> {
  const { rows } = await db.pool.query<Overview["failures"][number]>(
    `SELECT error_code, sum(messages)::int AS messages FROM v_error_breakdown WHERE tenant_id = $1
     GROUP BY error_code ORDER BY messages DESC, error_code LIMIT $2`,
    [tenantId, limit],
  );
  return rows;
}

/** Moves of one tenant within one minute. */
export interface MinuteOfMoves {
  readonly tenantId: number;
  /** When it began, ms since 1970. */
  readonly minuteMs: number;
  readonly sent: number;
  readonly delivered: number;
  readonly read: number;
  readonly failed: number;
}

/** What happened between two instants, by tenant and minute. Reads all history of that time: ask for each once. */
export async function readMovesByMinute(
  db: Database,
  fromMs: number,
  toMs: number,
): Promise<MinuteOfMoves[]> {
  const { rows } = await db.pool.query<MinuteOfMoves>(
    `SELECT tenant_id AS "tenantId", (extract(epoch FROM date_trunc('minute', at)) * 1000)::float8 AS "minuteMs",
       count(*) FILTER (WHERE to_state IN ('sent', 'delivered', 'read')
         AND from_state NOT IN ('sent', 'delivered', 'read'))::int AS sent,
       count(*) FILTER (WHERE to_state IN ('delivered', 'read') AND from_state <> 'delivered')::int AS delivered,
       count(*) FILTER (WHERE to_state = 'read')::int AS read,
       count(*) FILTER (WHERE to_state = 'failed')::int AS failed
     FROM message_events WHERE at >= to_timestamp($1 / 1000.0) AND at < to_timestamp($2 / 1000.0)
     GROUP BY 1, 2`,
    [fromMs, toMs],
  );
  return rows;
}
