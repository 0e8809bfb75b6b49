import { makeJob } from "@pregonero/db/testing";
import { expect, test } from "vitest";
import { Fleet, until } from "./fleet.ts";

test(
  "a pool of 5 with one banned in mid-job: the others take its share, nobody is left out or written to twice",
  { timeout: 120_000 },
  async () => {
    await using fleet = await Fleet.start({ workers: 1, devices: 5 });
    const { db, sandbox } = fleet;
    await sandbox.faults({ latency_ms: { min: 5, max: 20 } });
    const jobId = await makeJob(db, { tenantId: fleet.tenantId, messages: 1_000, devices: fleet.deviceIds });
    // In mid-job for all of them: a device looks for work once a second, so one may begin after the others.
    await until(
      async () => (await db.prisma.lane.count({ where: { jobId, sent: { gt: 0 } } })) === 5,
      30_000,
    );
    expect((await fleet.job(jobId)).status).toBe("running");
    const banned = await db.prisma.device.findUniqueOrThrow({ where: { id: fleet.deviceIds[0] ?? 0 } });
    await sandbox.ban(banned.phone ?? "");
    await fleet.untilJob(jobId, (job) => job.status === "completed", 90_000);
    const recipients = await sandbox.recipients();
    expect(recipients).toHaveLength(1_000);
    expect(new Set(recipients).size).toBe(1_000);
    const lanes = await db.prisma.lane.findMany({ where: { jobId } });
    expect(lanes.filter((lane) => lane.sent > 0)).toHaveLength(5);
    const after = await db.prisma.device.findUniqueOrThrow({ where: { id: banned.id } });
    expect([after.state, after.asideUntil !== null]).not.toEqual(["connected", false]);
  },
);
