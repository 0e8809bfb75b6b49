import { readdir, readlink } from "node:fs/promises";
import { join } from "node:path";
import type { Database } from "@pregonero/db";
import type { Redis } from "@pregonero/queue";
import { chromiumProcesses } from "../world/chromium.ts";
import { redisPrefix } from "../world/place.ts";
import type { World } from "../world/world.ts";

/** What should not be there while nothing is sent and all is well: of the dead, and of work that is done. */
export async function leftoversAtRest(world: World): Promise<string[]> {
  const { db, redis, place, devices, workers } = world;
  const found = [...(await strayConnections(db, new Set(workers.alive.map(({ name }) => name))))];
  const browsers = (await chromiumProcesses(place.sessionsDir)).filter(({ type }) => type === "browser");
  for (const { id } of devices.filter(({ kind }) => kind === "whatsapp_web")) {
    const count = browsers.filter(({ deviceId }) => deviceId === id).length;
    if (count !== 1) found.push(`device ${id} has ${count} browsers`);
  }
  return [...found, ...(await strayKeys(redis))];
}

/** What should not be there once the product was told to end. */
export async function leftoversAfterStop(world: World): Promise<string[]> {
  const { db, redis, place } = world;
  const chromium = (await chromiumProcesses(place.sessionsDir)).map(
    ({ pid, type, deviceId }) => `Chromium ${type} ${pid} of device ${deviceId}`,
  );
  const clients = String(await redis.client("LIST"))
    .split("\n")
    .filter((line) => line !== "" && !line.includes(" name=chaos "))
    .map((line) => `connection to Redis: ${line.slice(0, 120)}`);
  return [
    ...chromium,
    ...(await profileLocks(place.sessionsDir)),
    ...(await strayConnections(db, new Set())),
    ...clients,
    ...(await strayKeys(redis)),
    ...(await openRows(db)),
  ];
}

/** Connections of workers that are not alive. */
async function strayConnections(db: Database, alive: ReadonlySet<string>): Promise<string[]> {
  const { rows } = await db.pool.query<{ name: string; count: number }>(
    `SELECT application_name AS name, count(*)::int AS count FROM pg_stat_activity
     WHERE application_name LIKE 'pregonero-worker-%' GROUP BY 1`,
  );
  return rows
    .filter(({ name }) => !alive.has(name.slice("pregonero-worker-".length)))
    .map(({ name, count }) => `${count} connections to Postgres of ${name}`);
}

/** Locks of queue jobs and work that waits although there is none. */
async function strayKeys(redis: Redis): Promise<string[]> {
  const found: string[] = [];
  for (const key of await redis.keys(`${redisPrefix}:*`)) {
    if (key.endsWith(":lock")) found.push(`key ${key}`);
    const isList = key.endsWith(":wait") || key.endsWith(":active");
    if (isList && (await redis.llen(key)) > 0) found.push(`queue jobs in ${key}`);
  }
  return found;
}

async function profileLocks(sessionsDir: string): Promise<string[]> {
  const found: string[] = [];
  for (const profile of await readdir(sessionsDir)) {
    const lock = join(sessionsDir, profile, "SingletonLock");
    if (await readlink(lock).catch(() => null)) found.push(`profile lock ${profile}`);
  }
  return found;
}

/** Rows that say that something is open. */
async function openRows(db: Database): Promise<string[]> {
  const { rows } = await db.pool.query<{ what: string; count: number }>(
    `SELECT 'leases' AS what, count(*)::int AS count FROM devices WHERE lease_worker_id IS NOT NULL
     UNION ALL SELECT 'browser contexts', count(*)::int FROM browser_context WHERE status <> 'closed'
     UNION ALL SELECT 'workers', count(*)::int FROM workers WHERE status NOT IN ('stopped', 'lost')
     UNION ALL SELECT 'claims', count(*)::int FROM messages WHERE send_by IS NOT NULL`,
  );
  return rows.filter(({ count }) => count > 0).map(({ what, count }) => `${count} open ${what}`);
}
