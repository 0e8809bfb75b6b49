import { countersAndRecount, makeJob } from "@pregonero/db/testing";
import { expect, test } from "vitest";
import { Fleet } from "./fleet.ts";

test(
  "a campaign over 2 workers and 4 devices reaches each number exactly once",
  { timeout: 90_000 },
  async () => {
    await using fleet = await Fleet.start({ workers: 2, devices: 4 });
    const { db, sandbox } = fleet;
    const leases = await db.prisma.device.groupBy({ by: ["leaseWorkerId"], _count: true });
    expect(leases.map((row) => row._count)).toEqual([2, 2]);

    const jobId = await makeJob(db, { tenantId: fleet.tenantId, messages: 400 });
    await fleet.untilJob(jobId, (job) => job.status === "completed", 60_000);

    const recipients = await sandbox.recipients();
    expect(recipients).toHaveLength(400);
    expect(new Set(recipients).size).toBe(400);
    const ledger = await sandbox.ledger();
    expect(ledger.doubled).toEqual([]);
    expect(Object.keys(ledger.by_account)).toHaveLength(4);
    const { counters, recount } = await countersAndRecount(db, jobId);
    expect(counters).toEqual(recount);
    expect(counters).toMatchObject({ sent: 400, failed: 0, unknown: 0 });
  },
);
