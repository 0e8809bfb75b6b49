import type { Fleet, FleetDevice, FleetWorker, Stuck } from "@pregonero/contracts";
import type { Database } from "../database.ts";
import { toJson } from "./rows.ts";

/** No sign of life for so long: lost, also where no other worker is left to write it down. */
const lostAfter = "interval '30 seconds'";

/** Workers that live, and those that were lost within the last day; the tenant's contexts in each. */
export async function listWorkers(db: Database, tenantId: number): Promise<FleetWorker[]> {
  const { rows } = await db.pool.query<object>(
    `SELECT w.id, w.name, CASE WHEN w.heartbeat_at < now() - ${lostAfter} THEN 'lost' ELSE w.status END AS status,
       w.error, w.version, w.slots, w.devices, w.memory_mb, w.started_at,
       extract(epoch FROM now() - w.heartbeat_at)::int AS silent_s,
       (SELECT count(*) FROM browser_context b JOIN devices d ON d.id = b.device_id
        WHERE b.worker_id = w.id AND b.status <> 'closed' AND d.tenant_id = $1)::int AS contexts
     FROM workers w
     WHERE w.status <> 'stopped' AND w.heartbeat_at > now() - interval '1 day'
     ORDER BY w.heartbeat_at < now() - ${lostAfter}, w.name, w.started_at DESC LIMIT 200`,
    [tenantId],
  );
  return rows.map((row) => toJson<FleetWorker>(row));
}

/** Each device with its context and what waits for it, from the views. */
export async function listFleetDevices(db: Database, tenantId: number): Promise<FleetDevice[]> {
  const { rows } = await db.pool.query<FleetDevice>(
    `SELECT h.device_id, h.device AS name, h.health, coalesce(h.aside_reason, h.state_reason) AS reason, h.worker,
       h.context, h.context_error, b.memory_mb, b.sends, coalesce(q.queued, 0)::int AS queued,
       coalesce(q.retrying, 0)::int AS retrying, h.in_flight, h.settling,
       extract(epoch FROM now() - q.oldest_at)::int AS oldest_waits_s, h.sent_1m::int AS sent_last_minute
     FROM v_device_health h
     LEFT JOIN v_queue_depth q ON q.tenant_id = h.tenant_id AND q.device_id = h.device_id
     LEFT JOIN LATERAL (SELECT b.memory_mb, b.sends FROM browser_context b
       WHERE b.device_id = h.device_id AND b.status <> 'closed' ORDER BY b.created_at DESC LIMIT 1) b ON true
     WHERE h.tenant_id = $1 ORDER BY h.device_id LIMIT 1000`,
    [tenantId],
  );
  return rows;
}

/** What waits in all of the tenant's jobs. */
export async function readTotalDepth(db: Database, tenantId: number): Promise<Fleet["total"]> {
  const { rows } = await db.pool.query<Fleet["total"]>(
    `SELECT queued::int, retrying::int, paused::int, in_flight::int, settling::int,
       extract(epoch FROM now() - oldest_at)::int AS oldest_waits_s
     FROM v_queue_depth WHERE tenant_id = $1 AND device_id IS NULL`,
    [tenantId],
  );
  return rows[0] ?? { queued: 0, retrying: 0, paused: 0, in_flight: 0, settling: 0, oldest_waits_s: null };
}

/** What should move and does not, from `v_stuck`. */
export async function listStuck(db: Database, tenantId: number): Promise<Stuck[]> {
  const { rows } = await db.pool.query<Stuck>(
    `SELECT job_id, job, device_id, device, waiting::int, reason FROM v_stuck WHERE tenant_id = $1
     ORDER BY waiting DESC NULLS LAST LIMIT 200`,
    [tenantId],
  );
  return rows;
}
