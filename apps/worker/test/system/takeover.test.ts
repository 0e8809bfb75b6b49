import { countersAndRecount, makeJob } from "@pregonero/db/testing";
import { expect, test } from "vitest";
import { Fleet, until } from "./fleet.ts";

test(
  "a worker that was stopped for longer than its lease and goes on sends nothing more under it",
  { timeout: 120_000 },
  async () => {
    await using fleet = await Fleet.start({ workers: 2, devices: 2 });
    const { db, sandbox } = fleet;
    await sandbox.faults({ latency_ms: { min: 10, max: 40 } });
    const jobId = await makeJob(db, { tenantId: fleet.tenantId, messages: 500 });
    await fleet.untilJob(jobId, (job) => job.sent >= 40);
    const [zombie] = fleet.workers;
    zombie?.kill("SIGSTOP");
    // Its device is taken over while it sleeps.
    await until(async () => {
      const devices = await db.prisma.device.findMany({ where: { state: "connected" } });
      return devices.length === 2 && new Set(devices.map((device) => device.leaseWorkerId)).size === 1;
    }, 40_000);
    zombie?.kill("SIGCONT");
    await fleet.untilJob(jobId, (job) => job.status === "completed", 60_000);
    const recipients = await sandbox.recipients();
    expect(recipients).toHaveLength(500);
    expect(new Set(recipients).size).toBe(500);
    const { counters, recount } = await countersAndRecount(db, jobId);
    expect(counters).toEqual(recount);
  },
);

test(
  "a worker that joins gets its share of the devices, with their sessions, and nothing is lost on the way",
  { timeout: 120_000 },
  async () => {
    await using fleet = await Fleet.start({ workers: 1, devices: 4 });
    const { db, sandbox } = fleet;
    const jobId = await makeJob(db, { tenantId: fleet.tenantId, messages: 1_500 });
    await fleet.untilJob(jobId, (job) => job.sent >= 40);
    await fleet.addWorker();
    await until(async () => {
      const devices = await db.prisma.device.findMany({ where: { state: "connected" } });
      const held = new Map<string, number>();
      for (const { leaseWorkerId } of devices) {
        held.set(leaseWorkerId ?? "", (held.get(leaseWorkerId ?? "") ?? 0) + 1);
      }
      return devices.length === 4 && [...held.values()].join() === "2,2";
    }, 60_000);
    await fleet.untilJob(jobId, (job) => job.status === "completed", 60_000);
    const recipients = await sandbox.recipients();
    expect(recipients).toHaveLength(1_500);
    expect(new Set(recipients).size).toBe(1_500);
    // The same sessions: no device was linked a second time.
    expect(await db.prisma.device.count({ where: { linked: true, linkedAt: { not: null } } })).toBe(4);
  },
);
