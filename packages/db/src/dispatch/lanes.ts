import type { Database } from "../database.ts";

/**
 * When each of these devices has something to claim next, ms from now (0: now). Devices without anything are left out.
 */
export async function readNextWork(
  db: Database,
  deviceIds: readonly number[],
): Promise<ReadonlyMap<number, number>> {
  const { rows } = await db.pool.query<{ device_id: number; in_ms: number }>({
    name: "read_next_work",
    text: `SELECT l.device_id,
        greatest(0, ceil(extract(epoch FROM min(l.ready_at) - clock_timestamp()) * 1000))::float AS in_ms
      FROM lanes l JOIN send_messages_jobs j ON j.id = l.job_id
      WHERE l.device_id = ANY ($1) AND l.status = 'active' AND l.ready_at < 'infinity'
        AND j.status IN ('pending', 'running')
      GROUP BY l.device_id`,
    values: [deviceIds],
  });
  return new Map(rows.map((row) => [row.device_id, row.in_ms]));
}

/** Chooses the lanes that may send, see `balance_lanes`. @returns devices that changed */
export async function balanceLanes(db: Database): Promise<number[]> {
  const { rows } = await db.pool.query<{ device_id: number }>("SELECT device_id FROM balance_lanes()");
  return rows.map((row) => row.device_id);
}

/** Gives running jobs that did not name devices a lane on each device that was linked since. @returns how many */
export async function openLateLanes(db: Database): Promise<number> {
  const { rows } = await db.pool.query<{ opened: number }>(
    `SELECT coalesce(sum(open_lanes(j.id, NULL)), 0)::int AS opened FROM send_messages_jobs j
     WHERE j.status IN ('pending', 'running') AND NOT j.devices_named AND EXISTS (
       SELECT 1 FROM devices d WHERE d.tenant_id = j.tenant_id AND d.wanted AND d.deleted_at IS NULL
         AND NOT EXISTS (SELECT 1 FROM lanes l WHERE l.job_id = j.id AND l.device_id = d.id))`,
  );
  return rows[0]?.opened ?? 0;
}

/**
 * Wakes lanes that sleep for good although their job has messages that nobody has claimed (everything above `next_seq`):
 * rows that were inserted by hand after the lane had found none. @returns how many
 */
export async function wakeSleepingLanes(db: Database): Promise<number> {
  const { rowCount } = await db.pool.query(
    `UPDATE lanes l SET ready_at = clock_timestamp() FROM send_messages_jobs j
     WHERE j.id = l.job_id AND j.status IN ('pending', 'running') AND j.next_seq < j.total
       AND l.status = 'active' AND l.ready_at = 'infinity'`,
  );
  return rowCount ?? 0;
}
