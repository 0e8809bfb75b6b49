import { findDeviceIdByName, findPool, ownDeviceIds, type Queryable } from "@pregonero/db";
import { ApiProblem } from "../http/problem.ts";

/** How a request says which devices may send. */
export interface SenderChoice {
  readonly deviceIds?: readonly number[] | undefined;
  readonly pool?: string | undefined;
  /** A device by id or name. */
  readonly device?: number | string | undefined;
}

/**
 * The devices that may send, null for every linked one.
 * @throws ApiProblem `unknown_device`, `unknown_pool`, `validation_failed`
 */
export async function resolveSenders(
  db: Queryable,
  tenantId: number,
  choice: SenderChoice,
): Promise<readonly number[] | null> {
  const { deviceIds, pool, device } = choice;
  if ([deviceIds, pool, device].filter((given) => given !== undefined).length > 1) {
    throw new ApiProblem("validation_failed", "Name either devices or a pool, not both.");
  }
  if (pool !== undefined) return await poolDevices(db, tenantId, pool);
  if (typeof device === "string") return [await deviceByName(db, tenantId, device)];
  const ids = device === undefined ? deviceIds : [device];
  return ids === undefined ? null : await knownDevices(db, tenantId, ids);
}

async function poolDevices(db: Queryable, tenantId: number, name: string): Promise<readonly number[]> {
  const pool = await findPool(db, tenantId, name);
  if (!pool) throw new ApiProblem("unknown_pool", `There is no device pool called "${name}".`);
  if (pool.device_ids.length > 0) return pool.device_ids;
  throw new ApiProblem("unknown_pool", `The device pool "${name}" has no devices.`);
}

async function deviceByName(db: Queryable, tenantId: number, name: string): Promise<number> {
  const id = await findDeviceIdByName(db, tenantId, name);
  if (id === null) throw new ApiProblem("unknown_device", `There is no device called "${name}".`);
  return id;
}

async function knownDevices(
  db: Queryable,
  tenantId: number,
  ids: readonly number[],
): Promise<readonly number[]> {
  const unique = [...new Set(ids)];
  const known = await ownDeviceIds(db, tenantId, unique);
  const unknown = unique.filter((id) => !known.has(id));
  if (unknown.length === 0) return unique;
  const names = unknown.slice(0, 10).join(", ");
  throw new ApiProblem(
    "unknown_device",
    `There is no device with the id ${names}${unknown.length > 10 ? ", …" : ""}.`,
  );
}
