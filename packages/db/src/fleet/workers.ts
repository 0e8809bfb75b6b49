import type { Database } from "../database.ts";

export type WorkerStatus = "available" | "busy" | "error" | "draining" | "stopped" | "lost";

export interface WorkerRow {
  readonly id: string;
  readonly name: string;
  readonly host: string;
  readonly pid: number;
  readonly version: string;
  readonly slots: number;
}

export async function registerWorker(db: Database, worker: WorkerRow): Promise<void> {
  await db.prisma.worker.create({ data: { ...worker, status: "available" } });
}

/** Says that the worker lives, and what it is doing. Brings it back when others had declared it lost. */
export async function heartbeat(
  db: Database,
  worker: { id: string; status: WorkerStatus; devices: number; memoryMb: number; error: string | null },
): Promise<void> {
  await db.pool.query({
    name: "heartbeat",
    text: `UPDATE workers SET status = $2::worker_status, devices = $3, memory_mb = $4, error = $5,
        heartbeat_at = clock_timestamp() WHERE id = $1`,
    values: [worker.id, worker.status, worker.devices, worker.memoryMb, worker.error],
  });
}

export async function stopWorker(db: Database, id: string): Promise<void> {
  await db.pool.query(
    "UPDATE workers SET status = 'stopped', devices = 0, stopped_at = clock_timestamp() WHERE id = $1",
    [id],
  );
}

/** Declares workers lost that were silent for `silentMs`; their contexts are closed in the books. @returns their ids */
export async function loseSilentWorkers(db: Database, silentMs: number): Promise<string[]> {
  const { rows } = await db.pool.query<{ id: string }>(
    `WITH lost AS (
       UPDATE workers SET status = 'lost', stopped_at = clock_timestamp()
       WHERE status NOT IN ('stopped', 'lost') AND heartbeat_at < clock_timestamp() - $1 * interval '1 millisecond'
       RETURNING id
     ), contexts AS (
       UPDATE browser_context c SET status = 'closed', error = 'worker lost', closed_at = clock_timestamp(),
         updated_at = clock_timestamp()
       FROM lost WHERE c.worker_id = lost.id AND c.status <> 'closed'
     )
     SELECT id FROM lost`,
    [silentMs],
  );
  return rows.map((row) => row.id);
}

/** What the worker needs to know to take its fair part of the devices. */
export interface FleetShare {
  /** Devices of these kinds that want a home. */
  readonly wanted: number;
  /** Workers that take devices now, this one included. */
  readonly workers: number;
}

export async function readFleetShare(
  db: Database,
  kinds: readonly string[],
  silentMs: number,
): Promise<FleetShare> {
  const { rows } = await db.pool.query<FleetShare>({
    name: "read_fleet_share",
    text: `SELECT
        (SELECT count(*)::int FROM devices WHERE wanted AND deleted_at IS NULL AND kind = ANY ($1::device_kind[])) AS wanted,
        (SELECT count(*)::int FROM workers WHERE status IN ('available', 'busy', 'error')
           AND heartbeat_at > clock_timestamp() - $2 * interval '1 millisecond') AS workers`,
    values: [kinds, silentMs],
  });
  return rows[0] ?? { wanted: 0, workers: 1 };
}
