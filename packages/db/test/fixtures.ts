import { randomUUID } from "node:crypto";
import { inject } from "vitest";
import {
  acquireDevices,
  claimMessages,
  openDatabase,
  registerWorker,
  type Database,
  type LeaseKey,
  type Outcome,
} from "../src/index.ts";
import { cloneDatabase, makeDevice, makeTenant } from "../src/testing.ts";

export { countersAndRecount, makeDevice, makeJob, makeTenant } from "../src/testing.ts";

export interface TestDatabase extends AsyncDisposable {
  readonly db: Database;
}

/** A database of the test's own, gone at its end. */
export async function testDatabase(): Promise<TestDatabase> {
  const clone = await cloneDatabase(inject("databaseAdminUrl"), inject("templateDatabase"));
  const db = openDatabase({ url: clone.url, name: "test" });
  return {
    db,
    async [Symbol.asyncDispose]() {
      await db.close();
      await clone.drop();
    },
  };
}

export async function makeWorker(db: Database): Promise<string> {
  const id = randomUUID();
  await registerWorker(db, { id, name: "worker", host: "host", pid: 1, version: "0", slots: 10 });
  return id;
}

/** Leases every free device to one worker. */
export async function leaseAll(db: Database, workerId: string, leaseMs = 60_000): Promise<LeaseKey[]> {
  const devices = await acquireDevices(db, { workerId, kinds: ["whatsapp_web"], limit: 100, leaseMs });
  return devices
    .map((device) => ({ deviceId: device.id, workerId, epoch: device.epoch }))
    .sort((a, b) => a.deviceId - b.deviceId);
}

/** Claims with a quantum as large as the claim, unless one is given. */
export const claim = (db: Database, lease: LeaseKey, limit: number, quantum = limit) =>
  claimMessages(db, { lease, limit, quantum, sendMs: 1_000, laneClass: "bulk" });

/** An outcome for a claimed message. */
export const ended = (state: Outcome["state"], more: Partial<Outcome> = {}) => {
  return (message: { providerMessageId: string }): Outcome => ({
    providerMessageId: message.providerMessageId,
    state,
    at: new Date(),
    ...more,
  });
};

/** A tenant with one device, leased. */
export async function oneDevice(db: Database) {
  const tenantId = await makeTenant(db);
  const deviceId = await makeDevice(db, tenantId);
  const workerId = await makeWorker(db);
  const [lease] = await leaseAll(db, workerId);
  if (!lease) throw new Error("no lease");
  return { tenantId, deviceId, workerId, lease };
}
