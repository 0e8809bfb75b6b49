import { randomUUID } from "node:crypto";
import { inject } from "vitest";
import { acquireDevices, openDatabase, registerWorker, type Database, type LeaseKey } from "../src/index.ts";
import { cloneDatabase } from "../src/testing.ts";

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
