import type { World } from "./world.ts";

/** Whether every device is connected under a lease of a worker that lives. */
export async function allHeld({ db, workers }: World): Promise<boolean> {
  const { rows } = await db.pool.query<{ away: number }>(
    `SELECT count(*)::int AS away FROM devices d LEFT JOIN workers w ON w.id = d.lease_worker_id
     WHERE d.wanted AND d.deleted_at IS NULL
       AND NOT coalesce(d.state = 'connected' AND d.lease_expires_at > clock_timestamp() AND w.name = ANY ($1), false)`,
    [workers.alive.map(({ name }) => name)],
  );
  return rows[0]?.away === 0;
}
