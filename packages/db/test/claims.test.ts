import { describe, expect, test } from "vitest";
import {
  applyOutcomes,
  balanceLanes,
  claimMessages,
  LeaseLost,
  readNextWork,
  type ClaimedMessage,
} from "../src/index.ts";
import {
  claim,
  countersAndRecount,
  ended,
  leaseAll,
  makeDevice,
  makeJob,
  makeTenant,
  makeWorker,
  oneDevice,
  testDatabase,
} from "./fixtures.ts";

describe("the fence", () => {
  test("hands each message out once, in order, and moves it to sending before it answers", async () => {
    await using database = await testDatabase();
    const { db } = database;
    const { tenantId, lease } = await oneDevice(db);
    const jobId = await makeJob(db, { tenantId, messages: 10 });
    const first = await claim(db, lease, 4);
    const second = await claim(db, lease, 10);
    const phones = [...first, ...second].map((message) => message.phone);
    expect(phones).toEqual(Array.from({ length: 10 }, (_, n) => String(34_600_000_001 + n)));
    expect(new Set([...first, ...second].map((message) => message.providerMessageId)).size).toBe(10);
    expect(await claim(db, lease, 10)).toEqual([]);
    const { counters, recount } = await countersAndRecount(db, jobId);
    expect(counters).toEqual(recount);
    expect(counters).toMatchObject({ sending: 10 });
  });

  test("two devices that claim at once from one job never get the same message", async () => {
    await using database = await testDatabase();
    const { db } = database;
    const tenantId = await makeTenant(db);
    for (let n = 0; n < 4; n++) await makeDevice(db, tenantId);
    const leases = await leaseAll(db, await makeWorker(db));
    const jobId = await makeJob(db, { tenantId, messages: 2_000 });
    const claimed = await Promise.all(
      leases.map(async (lease) => {
        const mine: string[] = [];
        for (;;) {
          const batch = await claim(db, lease, 7);
          if (batch.length === 0) return mine;
          mine.push(...batch.map((message) => message.messageId));
        }
      }),
    );
    const all = claimed.flat();
    expect(all).toHaveLength(2_000);
    expect(new Set(all).size).toBe(2_000);
    expect(claimed.filter((mine) => mine.length > 0).length).toBe(4);
    const { counters, recount } = await countersAndRecount(db, jobId);
    expect(counters).toEqual(recount);
  });

  test("refuses a worker whose lease is another's, of a former epoch, or about to end", async () => {
    await using database = await testDatabase();
    const { db } = database;
    const { tenantId, lease, deviceId } = await oneDevice(db);
    await makeJob(db, { tenantId, messages: 1 });
    const stranger = await makeWorker(db);
    await expect(claim(db, { ...lease, workerId: stranger }, 1)).rejects.toBeInstanceOf(LeaseLost);
    await expect(claim(db, { ...lease, epoch: lease.epoch - 1 }, 1)).rejects.toBeInstanceOf(LeaseLost);
    await db.pool.query(
      "UPDATE devices SET lease_expires_at = clock_timestamp() + interval '900 milliseconds' WHERE id = $1",
      [deviceId],
    );
    await expect(claim(db, lease, 1)).rejects.toBeInstanceOf(LeaseLost);
  });

  test("gives nothing of a paused or cancelled job, or to a device that is put aside", async () => {
    await using database = await testDatabase();
    const { db } = database;
    const { tenantId, lease, deviceId } = await oneDevice(db);
    const jobId = await makeJob(db, { tenantId, messages: 2 });
    for (const status of ["paused", "cancelled", "completed", "scheduled"]) {
      await db.pool.query("UPDATE send_messages_jobs SET status = $2::job_status WHERE id = $1", [
        jobId,
        status,
      ]);
      expect(await claim(db, lease, 1)).toEqual([]);
    }
    await db.pool.query("UPDATE send_messages_jobs SET status = 'running' WHERE id = $1", [jobId]);
    await db.pool.query("UPDATE devices SET aside_until = now() + interval '1 minute' WHERE id = $1", [
      deviceId,
    ]);
    expect(await claim(db, lease, 1)).toEqual([]);
    await db.pool.query("UPDATE devices SET aside_until = NULL WHERE id = $1", [deviceId]);
    expect(await claim(db, lease, 1)).toHaveLength(1);
  });

  test("skips a recipient who opted out after planning, and ends the job when that was the last", async () => {
    await using database = await testDatabase();
    const { db } = database;
    const { tenantId, lease } = await oneDevice(db);
    const jobId = await makeJob(db, { tenantId, messages: 2 });
    const [first] = await claim(db, lease, 1);
    await db.prisma.suppression.create({ data: { tenantId, phone: "34600000002", reason: "BAJA" } });
    expect(await claim(db, lease, 1)).toEqual([]);
    if (first) await applyOutcomes(db, [ended("sent")(first)]);
    const job = await db.prisma.sendMessagesJob.findUniqueOrThrow({ where: { id: jobId } });
    expect(job).toMatchObject({ status: "completed", sent: 1, skipped: 1, sending: 0 });
    const { counters, recount } = await countersAndRecount(db, jobId);
    expect(counters).toEqual(recount);
  });

  test("shares a device fairly: a small job is not starved by a large one, an interactive one goes first", async () => {
    await using database = await testDatabase();
    const { db } = database;
    const { tenantId, lease } = await oneDevice(db);
    const large = await makeJob(db, { tenantId, messages: 5_000 });
    await claim(db, lease, 1_000, 50);
    const small = await makeJob(db, { tenantId, messages: 5, firstPhone: 34_700_000_000 });
    const chat = await makeJob(db, {
      tenantId,
      messages: 1,
      laneClass: "interactive",
      firstPhone: 34_800_000_000,
    });
    const next: ClaimedMessage[] = [];
    for (let n = 0; n < 12; n++) next.push(...(await claim(db, lease, 1)));
    expect(next[0]?.jobId).toBe(chat);
    const of = (jobId: string) => next.filter((message) => message.jobId === jobId).length;
    expect(of(small)).toBe(5);
    expect(of(large)).toBe(6);
  });

  test("gives a job of priority 10 twice the share of one of priority 5", async () => {
    await using database = await testDatabase();
    const { db } = database;
    const { tenantId, lease } = await oneDevice(db);
    const low = await makeJob(db, { tenantId, messages: 500, priority: 5 });
    const high = await makeJob(db, { tenantId, messages: 500, priority: 10, firstPhone: 34_700_000_000 });
    const claimed: ClaimedMessage[] = [];
    for (let n = 0; n < 90; n++) claimed.push(...(await claim(db, lease, 1)));
    const of = (jobId: string) => claimed.filter((message) => message.jobId === jobId).length;
    expect(of(high)).toBe(60);
    expect(of(low)).toBe(30);
  });

  test("keeps the interval of a job on a device", async () => {
    await using database = await testDatabase();
    const { db } = database;
    const { tenantId, lease, deviceId } = await oneDevice(db);
    await makeJob(db, { tenantId, messages: 3, intervalMs: 60_000 });
    expect(await claim(db, lease, 3)).toHaveLength(1);
    expect(await claim(db, lease, 3)).toEqual([]);
    const inMs = (await readNextWork(db, [deviceId])).get(deviceId) ?? 0;
    expect(inMs).toBeGreaterThan(55_000);
    expect(inMs).toBeLessThanOrEqual(60_000);
  });
});

describe("limits", () => {
  test("a device claims no more on a day than its cap, over any number of claims", async () => {
    await using database = await testDatabase();
    const { db } = database;
    const { tenantId, lease } = await oneDevice(db);
    await makeJob(db, { tenantId, messages: 100 });
    const on = (day: string, limit: number) =>
      claimMessages(db, { lease, limit, quantum: 10, sendMs: 1_000, laneClass: "bulk", day, cap: 25 });
    expect(await on("2026-11-22", 20)).toHaveLength(20);
    expect(await on("2026-11-22", 20)).toHaveLength(5);
    expect(await on("2026-11-22", 20)).toEqual([]);
    expect(await on("2026-11-23", 3)).toHaveLength(3);
  });

  test("a job has no more under way at once than it wants, and goes on as they end", async () => {
    await using database = await testDatabase();
    const { db } = database;
    const { tenantId, lease } = await oneDevice(db);
    const jobId = await makeJob(db, { tenantId, messages: 100 });
    await db.pool.query("UPDATE send_messages_jobs SET max_concurrent = 7, batch_size = 5 WHERE id = $1", [
      jobId,
    ]);
    const first = await claim(db, lease, 50);
    expect(first).toHaveLength(7);
    await applyOutcomes(db, first.slice(0, 3).map(ended("sent")));
    await db.pool.query("UPDATE lanes SET ready_at = now()");
    expect(await claim(db, lease, 50)).toHaveLength(3);
  });

  test("no more devices send for a job than it allows; a standby takes the place of one that cannot", async () => {
    await using database = await testDatabase();
    const { db } = database;
    const tenantId = await makeTenant(db);
    for (let n = 0; n < 4; n++) await makeDevice(db, tenantId);
    const leases = await leaseAll(db, await makeWorker(db));
    await makeJob(db, { tenantId, messages: 100, devicesLimit: 2 });
    const sending = async () => {
      const claims = await Promise.all(leases.map((lease) => claim(db, lease, 1)));
      return leases.filter((_, n) => claims[n]?.length === 1).map((lease) => lease.deviceId);
    };
    const [first, second] = await sending();
    expect(await sending()).toEqual([first, second]);
    await db.pool.query("UPDATE devices SET state = 'error' WHERE id = $1", [first]);
    await balanceLanes(db);
    const now = await sending();
    expect(now).toHaveLength(2);
    expect(now).toContain(second);
    expect(now).not.toContain(first);
  });
});
