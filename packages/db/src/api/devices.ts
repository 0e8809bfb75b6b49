import {
  pacingSchema,
  type Device,
  type DeviceCreate,
  type DevicePatch,
  type Pacing,
} from "@pregonero/contracts";
import { capOfDay, dayIn } from "@pregonero/domain";
import type { Database } from "../database.ts";
import { decodeCursor, isNumber, toJson, toPage, type Page } from "./rows.ts";
import type { Queryable, Transaction } from "./transaction.ts";

const columns = `d.id, d.name, d.kind, d.phone, d.state, d.state_reason, d.state_changed_at, d.linked, d.linked_at, d.wanted,
  d.url, d.pacing, d.next_send_at, d.aside_until, d.aside_reason, d.created_at, d.updated_at,
  CASE WHEN w.id IS NOT NULL THEN json_build_object('id', w.id, 'name', w.name) END AS worker,
  t.day::text AS last_day, t.claimed AS last_day_claimed`;

const from = `devices d LEFT JOIN workers w ON w.id = d.lease_worker_id AND d.lease_expires_at > clock_timestamp()
  LEFT JOIN LATERAL (SELECT n.day, n.claimed FROM device_days n WHERE n.device_id = d.id ORDER BY n.day DESC LIMIT 1) t ON true`;

type DeviceRow = Omit<Device, "today"> & {
  readonly last_day: string | null;
  readonly last_day_claimed: number | null;
};

function toDevice(row: object): Device {
  const { last_day, last_day_claimed, ...device } = toJson<DeviceRow>(row);
  // Written by another version, perhaps: what this one does not understand is no pace at all.
  const pacing = pacingSchema.safeParse(device.pacing).data ?? {};
  const now = new Date();
  const isToday = last_day === dayIn(pacing.time_zone ?? "UTC", now);
  const claimed = isToday ? (last_day_claimed ?? 0) : 0;
  return { ...device, pacing, today: { claimed, cap: capToday(pacing, device.linked_at, now) } };
}

const dayMs = 86_400_000;

function capToday({ daily_cap, warm_up }: Pacing, linkedAt: string | null, now: Date): number | null {
  const daysLinked = linkedAt === null ? 0 : Math.floor((now.getTime() - Date.parse(linkedAt)) / dayMs);
  const limits = {
    ...(daily_cap === undefined ? {} : { dailyCap: daily_cap }),
    ...(warm_up === undefined ? {} : { warmUp: { firstDay: warm_up.first_day, factor: warm_up.factor } }),
  };
  return capOfDay(limits, daysLinked);
}

export async function listDevices(
  db: Database,
  tenantId: number,
  page: { limit: number; cursor?: string | undefined },
): Promise<Page<Device>> {
  const after = decodeCursor(page.cursor, isNumber)?.[0] ?? 0;
  const { rows } = await db.pool.query<object>(
    `SELECT ${columns} FROM ${from} WHERE d.tenant_id = $1 AND d.deleted_at IS NULL AND d.id > $2 ORDER BY d.id LIMIT $3`,
    [tenantId, after, page.limit + 1],
  );
  return toPage(rows.map(toDevice), page.limit, (device) => [device.id]);
}

export async function findDevice(db: Queryable, tenantId: number, id: number): Promise<Device | null> {
  const { rows } = await db.query<object>(
    `SELECT ${columns} FROM ${from} WHERE d.tenant_id = $1 AND d.id = $2 AND d.deleted_at IS NULL`,
    [tenantId, id],
  );
  return rows[0] ? toDevice(rows[0]) : null;
}

/** Of these ids those that are devices of the tenant. */
export async function ownDeviceIds(
  db: Queryable,
  tenantId: number,
  ids: readonly number[],
): Promise<Set<number>> {
  const { rows } = await db.query<{ id: number }>(
    "SELECT id FROM devices WHERE tenant_id = $1 AND id = ANY ($2) AND deleted_at IS NULL",
    [tenantId, ids],
  );
  return new Set(rows.map((row) => row.id));
}

/** Whether all these devices (null: all that a worker is to hold) are of this kind, and there is one. */
export async function sendsOnlyThrough(
  db: Queryable,
  tenantId: number,
  kind: Device["kind"],
  ids: readonly number[] | null,
): Promise<boolean> {
  const { rows } = await db.query<{ only: boolean | null }>(
    `SELECT bool_and(kind = $2) AS only FROM devices
     WHERE tenant_id = $1 AND deleted_at IS NULL AND CASE WHEN $3::int[] IS NULL THEN wanted ELSE id = ANY ($3) END`,
    [tenantId, kind, ids],
  );
  return rows[0]?.only ?? false;
}

export async function findDeviceIdByName(
  db: Queryable,
  tenantId: number,
  name: string,
): Promise<number | null> {
  const { rows } = await db.query<{ id: number }>(
    "SELECT id FROM devices WHERE tenant_id = $1 AND name = $2 AND deleted_at IS NULL ORDER BY id LIMIT 1",
    [tenantId, name],
  );
  return rows[0]?.id ?? null;
}

/** The tenant has a device of that name. */
export class DeviceNameTaken extends Error {
  override readonly name = "DeviceNameTaken";
}

/** Names are unique among the devices that are not deleted. Takes a lock until the transaction ends. */
async function reserveName(tx: Transaction, tenantId: number, name: string, except: number): Promise<void> {
  await tx.query("SELECT pg_advisory_xact_lock(hashtext('device-names'), $1)", [tenantId]);
  const taken = await findDeviceIdByName(tx, tenantId, name);
  if (taken !== null && taken !== except) throw new DeviceNameTaken(name);
}

/** @throws DeviceNameTaken */
export async function createDevice(
  tx: Transaction,
  tenantId: number,
  request: DeviceCreate,
): Promise<Device> {
  await reserveName(tx, tenantId, request.name, 0);
  const { rows } = await tx.query<{ id: number }>(
    `INSERT INTO devices (tenant_id, name, kind, url, pacing, updated_at)
     VALUES ($1, $2, $3, $4, $5, clock_timestamp()) RETURNING id`,
    [tenantId, request.name, request.kind, request.url ?? null, JSON.stringify(request.pacing ?? {})],
  );
  const made = await findDevice(tx, tenantId, rows[0]?.id ?? 0);
  if (!made) throw new Error("the device that was just made is not there");
  return made;
}

/** @returns null when the tenant has no such device. @throws DeviceNameTaken */
export async function patchDevice(
  tx: Transaction,
  tenantId: number,
  id: number,
  patch: DevicePatch,
): Promise<Device | null> {
  if (patch.name !== undefined) await reserveName(tx, tenantId, patch.name, id);
  await tx.query(
    `UPDATE devices SET name = coalesce($3, name), url = CASE WHEN $4 THEN $5 ELSE url END,
       pacing = coalesce($6, pacing), updated_at = clock_timestamp()
     WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL`,
    [
      tenantId,
      id,
      patch.name ?? null,
      patch.url !== undefined,
      patch.url ?? null,
      patch.pacing === undefined ? null : JSON.stringify(patch.pacing),
    ],
  );
  return await findDevice(tx, tenantId, id);
}

/**
 * Unfinished jobs that only this device may send: it was named, and no other device that still exists was.
 * @returns how many
 */
export async function countJobsOnlyOn(tx: Queryable, deviceId: number): Promise<number> {
  const { rows } = await tx.query<{ jobs: number }>(
    `SELECT count(*)::int AS jobs FROM lanes l JOIN send_messages_jobs j ON j.id = l.job_id
     WHERE l.device_id = $1 AND j.devices_named AND j.status IN ('scheduled', 'pending', 'running', 'paused')
       AND NOT EXISTS (SELECT 1 FROM lanes o JOIN devices d ON d.id = o.device_id
         WHERE o.job_id = j.id AND o.device_id <> $1 AND d.deleted_at IS NULL)`,
    [deviceId],
  );
  return rows[0]?.jobs ?? 0;
}

/** Takes the device out of every list and away from its worker; its rows stay for the history. Mutates. */
export async function deleteDevice(tx: Transaction, tenantId: number, id: number): Promise<boolean> {
  const { rowCount } = await tx.query(
    `UPDATE devices SET deleted_at = clock_timestamp(), wanted = false, updated_at = clock_timestamp()
     WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL`,
    [tenantId, id],
  );
  await tx.query("DELETE FROM device_pool_members WHERE device_id = $1 AND $2", [id, rowCount === 1]);
  return rowCount === 1;
}
