import { makeJob } from "@pregonero/db/testing";
import { expect, test } from "vitest";
import { Fleet } from "./fleet.ts";

test(
  "a pool of 5 with one banned in mid-job: the others take its share, nobody is left out or written to twice",
  { timeout: 120_000 },
  async () => {
    await using fleet = await Fleet.start({ workers: 1, devices: 5 });
    const { db, sandbox } = fleet;
    await sandbox.faults({ latency_ms: { min: 5, max: 20 } });
    const jobId = await makeJob(db, { tenantId: fleet.tenantId, messages: 400, devices: fleet.deviceIds });
    await fleet.untilJob(jobId, (job) => job.sent >= 60);
    const banned = await db.prisma.device.findUniqueOrThrow({ where: { id: fleet.deviceIds[0] ?? 0 } });
    await sandbox.ban(banned.phone ?? "");
    await fleet.untilJob(jobId, (job) => job.status === "completed", 90_000);
    const recipients = await sandbox.recipients();
    expect(recipients).toHaveLength(400);
    expect(new Set(recipients).size).toBe(400);
    const lanes = await db.prisma.lane.findMany({ where: { jobId } });
    expect(lanes.filter((lane) => lane.sent > 0)).toHaveLength(5);
    const after = await db.prisma.device.findUniqueOrThrow({ where: { id: banned.id } });
    expect([after.state, after.asideUntil !== null]).not.toEqual(["connected", false]);
  },
);
