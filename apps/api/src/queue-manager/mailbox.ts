import { findDeviceIdByName, findPool, ownDeviceIds, type Queryable } from "@pregonero/db";
import { ApiProblem } from "../http/problem.ts";

/** The senders that the contract calls `buzon`, as campaigns name them. */
export type Mailbox = { readonly device_ids: number[] } | { readonly pool: string };

/**
 * A device by name, else a pool by name, else a device by id: names go first, for one may well be a number.
 * @throws ApiProblem `unknown_device`
 */
export async function resolveMailbox(db: Queryable, tenantId: number, mailbox: string): Promise<Mailbox> {
  const byName = await findDeviceIdByName(db, tenantId, mailbox);
  if (byName !== null) return { device_ids: [byName] };
  if (await findPool(db, tenantId, mailbox)) return { pool: mailbox };
  const id = /^\d{1,9}$/.test(mailbox) ? Number(mailbox) : 0;
  if (id > 0 && (await ownDeviceIds(db, tenantId, [id])).has(id)) return { device_ids: [id] };
  throw new ApiProblem(
    "unknown_device",
    `There is no device and no device pool called "${mailbox}", and no device with that id.`,
  );
}
