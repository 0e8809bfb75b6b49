import { countersAndRecount, makeJob } from "@pregonero/db/testing";
import { expect, test } from "vitest";
import { Fleet } from "./fleet.ts";

test(
  "500 in flight over the Cloud API, kill -9 of the worker: nobody receives two, what went out is known by webhook",
  { timeout: 120_000 },
  async () => {
    await using fleet = await Fleet.start({ workers: 1, devices: 0, env: { SETTLE_MS: "8000" } });
    const { db, sandbox } = fleet;
    const deviceId = await fleet.addCloudDevice(await fleet.startApi());
    await fleet.connected([deviceId]);
    await sandbox.faults({ cloud: { latency_ms: 200 } });
    const jobId = await makeJob(db, { tenantId: fleet.tenantId, messages: 4_000 });
    await fleet.untilJob(jobId, (job) => job.sent >= 800 && job.sending >= 300);
    fleet.workers[0]?.kill("SIGKILL");
    await fleet.addWorker();
    await fleet.untilJob(jobId, (job) => job.status === "completed", 90_000);

    const recipients = await sandbox.recipients();
    expect(new Set(recipients).size).toBe(recipients.length);
    const { counters, recount } = await countersAndRecount(db, jobId);
    expect(counters).toEqual(recount);
    const job = await fleet.job(jobId);
    expect(job.sent + job.unknown).toBe(4_000);
    // Sent says the ledger what it says the row; unknown is only what never reached the provider.
    const sent = await db.prisma.message.findMany({
      where: { jobId, state: { in: ["sent", "delivered", "read"] } },
      select: { phone: true },
    });
    expect(new Set(recipients)).toEqual(new Set(sent.map((message) => message.phone)));
    expect(job.unknown).toBeLessThan(1_000);
  },
);

test(
  "webhooks move messages on to delivered and read, and a failed status fails them",
  { timeout: 90_000 },
  async () => {
    await using fleet = await Fleet.start({ workers: 1, devices: 0 });
    const { db, sandbox } = fleet;
    const deviceId = await fleet.addCloudDevice(await fleet.startApi());
    await fleet.connected([deviceId]);
    await sandbox.faults({ delivered_after_ms: 50, read_after_ms: 50, read_share: 1 });
    // The last one ends in 0000: not on WhatsApp, which the Cloud API tells by webhook only.
    const jobId = await makeJob(db, { tenantId: fleet.tenantId, messages: 10, firstPhone: 34_600_009_990 });
    await fleet.untilJob(jobId, (job) => job.read === 9 && job.failed === 1, 30_000);
    const [failed] = await db.prisma.message.findMany({ where: { jobId, state: "failed" } });
    expect(failed?.phone).toBe("34600010000");
  },
);
