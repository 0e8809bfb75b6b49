import { randomUUID } from "node:crypto";
import { acquireDevices, openDatabase, registerWorker, type Database } from "@pregonero/db";
import { cloneDatabase, makeDevice, makeTenant } from "@pregonero/db/testing";
import { monotonicMs } from "@pregonero/runtime";
import { inject } from "vitest";
import { Lease } from "../../src/devices/lease.ts";

export interface HeldDevice extends AsyncDisposable {
  readonly db: Database;
  readonly tenantId: number;
  readonly workerId: string;
  readonly lease: Lease;
}

/** A database with one device that this process holds. */
export async function heldDevice(): Promise<HeldDevice> {
  const clone = await cloneDatabase(inject("databaseAdminUrl"), inject("templateDatabase"));
  const db = openDatabase({ url: clone.url, name: "test" });
  const tenantId = await makeTenant(db);
  await makeDevice(db, tenantId);
  const workerId = randomUUID();
  await registerWorker(db, { id: workerId, name: "worker", host: "host", pid: 1, version: "0", slots: 1 });
  const leaseMs = 60_000;
  const [device] = await acquireDevices(db, { workerId, kinds: ["whatsapp_web"], limit: 1, leaseMs });
  if (!device) throw new Error("no device");
  return {
    db,
    tenantId,
    workerId,
    lease: new Lease({ deviceId: device.id, workerId, epoch: device.epoch }, monotonicMs(), leaseMs),
    async [Symbol.asyncDispose]() {
      await db.close();
      await clone.drop();
    },
  };
}
