import type { LeasedDevice } from "@pregonero/db";
import { sleep } from "@pregonero/runtime";
import { expect, test } from "vitest";
import { DeviceManager, type DeviceManagerOptions } from "../../src/devices/device-manager.ts";
import type { DeviceRuntime } from "../../src/devices/device-runtime.ts";
import { silentLog } from "../http/provider.ts";

const leaseMs = 400;

const device: LeasedDevice = {
  id: 1,
  tenantId: 1,
  name: "device",
  kind: "whatsapp_web",
  url: null,
  epoch: 1,
  linked: true,
  linkedAt: null,
  providerRef: null,
  pacing: {},
  dueInMs: null,
};

/** A manager that gets one device and whose store does as it is told after that. */
function manager(renew: DeviceManagerOptions["leases"]["renew"]) {
  const told: string[] = [];
  const free = [device];
  const one = new DeviceManager({
    workerId: "worker",
    leases: {
      acquire: async () => free.splice(0),
      renew,
      release: async () => void told.push("released"),
      share: async () => ({ wanted: 1, workers: 1 }),
    },
    openRuntime: (leased, lease) => {
      const runtime: Pick<DeviceRuntime, "deviceId" | "lease" | "busy" | "start" | "stop" | "abandon"> = {
        deviceId: leased.id,
        lease,
        busy: false,
        start: () => told.push("started"),
        stop: async () => {
          // Long enough for a renewal meanwhile.
          await sleep(leaseMs / 2);
          told.push("stopped");
        },
        abandon: async () => void told.push("abandoned"),
      };
      return runtime as DeviceRuntime;
    },
    capacity: 10,
    leaseMs,
    log: silentLog,
  });
  return { one, told };
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
}

test("a database that does not answer holds nobody: the device is left when its lease has run out", async () => {
  const { one, told } = manager(() => new Promise(() => undefined));
  const startMs = performance.now();
  one.start();
  await until(() => told.includes("abandoned"));
  expect(told).toEqual(["started", "abandoned"]);
  expect(performance.now() - startMs).toBeLessThan(leaseMs * 3);
});

test("a stop while the database is away ends everything, and rejects nothing that nobody hears", async () => {
  let renewals = 0;
  const { one, told } = manager(async () => {
    renewals += 1;
    throw new Error("away");
  });
  one.start();
  await until(() => renewals > 0);
  await one.stop();
  expect(told.at(0)).toBe("started");
  expect(told.some((what) => what === "stopped" || what === "abandoned")).toBe(true);
});
