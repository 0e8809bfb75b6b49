import {
  claimMessages,
  type ClaimedMessage,
  type Database,
  type LeaseKey,
  type Outcome,
} from "../src/index.ts";
import { leaseAll, makeDevice, makeJob, makeTenant, makeWorker } from "./fixtures.ts";

/** The views for admins, by name. */
export const views = [
  "v_queue_depth",
  "v_stuck",
  "v_throughput_1m",
  "v_context_utilisation",
  "v_error_breakdown",
  "v_job_progress",
  "v_device_health",
] as const;

/** One connected device of the tenant `acme` under a live worker's lease, and a job of five messages for it. */
export async function smallWorld(db: Database) {
  const tenantId = await makeTenant(db);
  await db.pool.query("UPDATE tenants SET slug = 'acme' WHERE id = $1", [tenantId]);
  const deviceId = await makeDevice(db, tenantId);
  const workerId = await makeWorker(db);
  const [lease] = await leaseAll(db, workerId);
  if (!lease) throw new Error("no lease");
  const jobId = await makeJob(db, { tenantId, messages: 5 });
  return { tenantId, deviceId, workerId, lease, jobId };
}

export type SmallWorld = Awaited<ReturnType<typeof smallWorld>>;

export const claim = (db: Database, lease: LeaseKey, limit: number) =>
  claimMessages(db, { lease, limit, quantum: limit, sendMs: 1_000, laneClass: "bulk" });

export function ended(
  message: ClaimedMessage | undefined,
  state: Outcome["state"],
  more: Partial<Outcome> = {},
): Outcome {
  if (!message) throw new Error("nothing was claimed");
  return { providerMessageId: message.providerMessageId, state, at: new Date(), ...more };
}

export async function readRows(
  db: Database,
  sql: string,
  values: unknown[] = [],
): Promise<Record<string, unknown>[]> {
  return (await db.pool.query<Record<string, unknown>>(sql, values)).rows;
}
