import { countersAndRecount, makeJob } from "@pregonero/db/testing";
import { connectRedis } from "@pregonero/queue";
import { expect, inject, test } from "vitest";
import { Fleet, until } from "./fleet.ts";

/** What must hold at the end of every campaign, whatever happened meanwhile. */
async function expectEachOnce(fleet: Fleet, jobId: string, messages: number): Promise<void> {
  const recipients = await fleet.sandbox.recipients();
  expect(new Set(recipients).size).toBe(messages);
  expect(recipients).toHaveLength(messages);
  const { counters, recount } = await countersAndRecount(fleet.db, jobId);
  expect(counters).toEqual(recount);
  expect(counters).toMatchObject({ sent: messages, failed: 0, unknown: 0, sending: 0 });
}

test(
  "kill -9 of a worker in mid-campaign: the other finishes it and nobody receives two",
  { timeout: 120_000 },
  async () => {
    await using fleet = await Fleet.start({ workers: 2, devices: 4 });
    const { db, sandbox } = fleet;
    // Slow enough that the kill meets sends at every stage.
    await sandbox.faults({ latency_ms: { min: 10, max: 60 } });
    const jobId = await makeJob(db, { tenantId: fleet.tenantId, messages: 600 });
    await fleet.untilJob(jobId, (job) => job.sent >= 60);
    fleet.workers[0]?.kill("SIGKILL");
    await fleet.untilJob(jobId, (job) => job.status === "completed", 90_000);
    await expectEachOnce(fleet, jobId, 600);
    const settled = await db.prisma.messageEvent.count({ where: { jobId, fromState: "unknown" } });
    expect(settled).toBeGreaterThan(0);
    const holders = await db.prisma.device.findMany({ where: { leaseWorkerId: { not: null } } });
    expect(new Set(holders.map((device) => device.leaseWorkerId)).size).toBe(1);
    expect(await db.prisma.worker.count({ where: { status: "lost" } })).toBe(1);
  },
);

test(
  "Redis flushed in mid-campaign: nothing is lost, nothing is sent twice",
  { timeout: 90_000 },
  async () => {
    await using fleet = await Fleet.start({ workers: 2, devices: 2 });
    const jobId = await makeJob(fleet.db, { tenantId: fleet.tenantId, messages: 500 });
    const redis = connectRedis(inject("redisUrl"), { name: "test" });
    for (const at of [50, 150, 250]) {
      await fleet.untilJob(jobId, (job) => job.sent >= at);
      await redis.flushall();
    }
    await redis.quit();
    await fleet.untilJob(jobId, (job) => job.status === "completed", 60_000);
    await expectEachOnce(fleet, jobId, 500);
  },
);

test(
  "a pause holds within a second, with any backlog, and a resume goes on where it stopped",
  { timeout: 90_000 },
  async () => {
    await using fleet = await Fleet.start({ workers: 1, devices: 2 });
    const { db, sandbox } = fleet;
    const jobId = await makeJob(db, { tenantId: fleet.tenantId, messages: 100_000 });
    await fleet.untilJob(jobId, (job) => job.sent >= 30);
    await db.pool.query("UPDATE send_messages_jobs SET status = 'paused' WHERE id = $1", [jobId]);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const atPause = (await sandbox.ledger()).arrivals;
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect((await sandbox.ledger()).arrivals).toBe(atPause);
    expect(await fleet.job(jobId)).toMatchObject({ status: "paused", sending: 0 });
    await db.pool.query("UPDATE send_messages_jobs SET status = 'running' WHERE id = $1", [jobId]);
    await until(async () => (await sandbox.ledger()).arrivals > atPause + 20, 10_000);
    await db.pool.query("UPDATE send_messages_jobs SET status = 'cancelled' WHERE id = $1", [jobId]);
    await fleet.untilJob(jobId, (job) => !job.cancelling, 30_000);
    const { counters, recount } = await countersAndRecount(db, jobId);
    expect(counters).toEqual(recount);
    expect((counters?.["sent"] ?? 0) + (counters?.["cancelled"] ?? 0)).toBe(100_000);
    const recipients = await sandbox.recipients();
    expect(new Set(recipients).size).toBe(recipients.length);
  },
);

test(
  "a job of 5 messages is not starved by one of 50,000 on the same device",
  { timeout: 90_000 },
  async () => {
    await using fleet = await Fleet.start({ workers: 1, devices: 1 });
    const { db } = fleet;
    const large = await makeJob(db, { tenantId: fleet.tenantId, messages: 50_000 });
    await fleet.untilJob(large, (job) => job.sent >= 20);
    const before = (await fleet.job(large)).sent;
    const small = await makeJob(db, { tenantId: fleet.tenantId, messages: 5, firstPhone: 34_700_000_000 });
    await fleet.untilJob(small, (job) => job.status === "completed", 10_000);
    // Turn about: the large one got about as many meanwhile, and what was in the pipe.
    expect((await fleet.job(large)).sent - before).toBeLessThan(40);
  },
);

test(
  "a send that never settles becomes unknown and is settled by looking our id up",
  { timeout: 120_000 },
  async () => {
    await using fleet = await Fleet.start({
      workers: 1,
      devices: 1,
      env: { SEND_TIMEOUT_MS: "2000", ACK_TIMEOUT_MS: "4000" },
    });
    const { db, sandbox } = fleet;
    await sandbox.faults({
      hang: [
        { match: { to: "34600000002" }, arrives: true },
        { match: { to: "34600000004" }, arrives: false },
      ],
    });
    const jobId = await makeJob(db, { tenantId: fleet.tenantId, messages: 6 });
    // From the history: how long it stays unknown is up to the machine.
    const wasUnknown = async (phone: string): Promise<boolean> => {
      const { rowCount } = await db.pool.query(
        `SELECT 1 FROM message_events e JOIN messages m ON m.id = e.message_id
         WHERE e.job_id = $1 AND e.to_state = 'unknown' AND m.phone = $2`,
        [jobId, phone],
      );
      return rowCount !== 0;
    };
    await until(() => wasUnknown("34600000004"), 60_000);
    await sandbox.faults({ hang: [] });
    await fleet.untilJob(jobId, (job) => job.status === "completed", 60_000);
    await expectEachOnce(fleet, jobId, 6);
  },
);

test(
  "SIGTERM under load: the worker finishes what is under way, releases its devices and exits 0",
  { timeout: 90_000 },
  async () => {
    await using fleet = await Fleet.start({ workers: 2, devices: 4 });
    const { db } = fleet;
    const jobId = await makeJob(db, { tenantId: fleet.tenantId, messages: 800 });
    await fleet.untilJob(jobId, (job) => job.sent >= 60);
    const [first] = fleet.workers;
    first?.kill("SIGTERM");
    expect(await first?.exited).toMatchObject({ code: 0 });
    expect(await db.prisma.worker.count({ where: { status: "stopped" } })).toBe(1);
    await fleet.untilJob(jobId, (job) => job.status === "completed", 60_000);
    await expectEachOnce(fleet, jobId, 800);
    // Graceful: no outcome was left open.
    expect(await db.prisma.messageEvent.count({ where: { jobId, toState: "unknown" } })).toBe(0);
  },
);
