import { randomUUID } from "node:crypto";
import { describe, expect, test } from "vitest";
import {
  cancelScrapingJob,
  cancelScrapingSteps,
  claimScrapingStep,
  finishScrapingStep,
  loseScrapingClaim,
  pauseScrapingJob,
  readLostScrapingClaims,
  renewScrapingClaims,
  resumeScrapingJob,
  retryFailedSteps,
} from "../../src/index.ts";
import { makeTenant, testDatabase } from "../fixtures.ts";
import {
  again,
  claimed,
  completed,
  failed,
  jobRow,
  makeScrapingJob,
  names,
  skipped,
  stepCounters,
} from "./scraping-fixtures.ts";

const workerId = randomUUID();

describe("ends of steps", () => {
  test("each kind of end is counted, and the job ends with its last step", async () => {
    await using database = await testDatabase();
    const { db } = database;
    const tenantId = await makeTenant(db);
    const id = await makeScrapingJob(db, { tenantId, domains: names(4), config: { concurrency: 10 } });
    expect((await jobRow(db, id)).status).toBe("pending");
    const steps = [];
    for (let n = 0; n < 4; n++) steps.push(await claimed(db, workerId));
    expect(steps.map((step) => step.name)).toEqual(names(4));
    expect(await jobRow(db, id)).toMatchObject({ status: "running", running: 4 });
    const [a, b, c, d] = steps;
    if (!a || !b || !c || !d) throw new Error("claims missing");
    await finishScrapingStep(db, completed(a));
    await finishScrapingStep(db, failed(b));
    await finishScrapingStep(db, skipped(c));
    await finishScrapingStep(db, again(d));
    expect((await jobRow(db, id)).status).toBe("running");
    const last = await claimed(db, workerId);
    expect(last).toMatchObject({ stepId: d.stepId, attempt: 2 });
    const end = await finishScrapingStep(db, completed(last));
    expect(end).toMatchObject({ status: "completed", jobEnded: true, attempts: 2, errorCode: null });
    const { counters, recount } = await stepCounters(db, id);
    expect(counters).toEqual(recount);
    expect(await jobRow(db, id)).toMatchObject({ status: "completed", completed: 2, failed: 1, skipped: 1 });
    expect(await db.prisma.report.findMany({ where: { jobId: id } })).toHaveLength(2);
  });

  test("a job of which every step failed has failed, and its steps can be tried again", async () => {
    await using database = await testDatabase();
    const { db } = database;
    const id = await makeScrapingJob(db, { tenantId: await makeTenant(db), domains: names(2) });
    await finishScrapingStep(db, failed(await claimed(db, workerId)));
    await finishScrapingStep(db, failed(await claimed(db, workerId)));
    expect(await jobRow(db, id)).toMatchObject({ status: "failed", statusReason: "every domain failed" });
    expect(await retryFailedSteps(db.pool, id)).toBe(2);
    expect(await jobRow(db, id)).toMatchObject({ status: "running", failed: 0, completedAt: null });
    expect(await claimed(db, workerId)).toMatchObject({ name: "site1.example", attempt: 1 });
  });

  test("a claim ends once: what is said about it later changes nothing", async () => {
    await using database = await testDatabase();
    const { db } = database;
    const id = await makeScrapingJob(db, { tenantId: await makeTenant(db), domains: names(2) });
    const step = await claimed(db, workerId);
    await finishScrapingStep(db, completed(step));
    expect(await finishScrapingStep(db, failed(step))).toBeNull();
    expect(await jobRow(db, id)).toMatchObject({ completed: 1, failed: 0, running: 0 });
  });
});

describe("claims", () => {
  test("no step is claimed twice by many workers at once, and no more than the job allows", async () => {
    await using database = await testDatabase();
    const { db } = database;
    const tenantId = await makeTenant(db);
    const id = await makeScrapingJob(db, { tenantId, domains: names(30), config: { concurrency: 7 } });
    const seen = new Set<string>();
    let most = 0;
    const work = async (): Promise<void> => {
      while ((await jobRow(db, id)).status !== "completed") {
        const step = await claimScrapingStep(db, workerId, 60_000);
        if (!step) continue;
        expect(seen.has(step.stepId)).toBe(false);
        seen.add(step.stepId);
        most = Math.max(most, (await jobRow(db, id)).running);
        await finishScrapingStep(db, completed(step));
      }
    };
    await Promise.all(Array.from({ length: 10 }, work));
    expect(seen.size).toBe(30);
    expect(most).toBeLessThanOrEqual(7);
  });

  test("jobs share in proportion to their priority, and a small late one is not starved", async () => {
    await using database = await testDatabase();
    const { db } = database;
    const tenantId = await makeTenant(db);
    const config = { concurrency: 100 };
    const low = await makeScrapingJob(db, { tenantId, domains: names(60, "low"), config, priority: 2 });
    const high = await makeScrapingJob(db, { tenantId, domains: names(60, "high"), config, priority: 8 });
    const taken: string[] = [];
    for (let n = 0; n < 20; n++) taken.push((await claimed(db, workerId)).jobId);
    expect(taken.filter((job) => job === high)).toHaveLength(16);
    expect(taken.filter((job) => job === low)).toHaveLength(4);
    const late = await makeScrapingJob(db, { tenantId, domains: names(3, "late"), config, priority: 5 });
    const next = [];
    for (let n = 0; n < 10; n++) next.push((await claimed(db, workerId)).jobId);
    expect(next.filter((job) => job === late)).toHaveLength(3);
  });

  test("a host is handed out once per interval, over all jobs", async () => {
    await using database = await testDatabase();
    const { db } = database;
    const tenantId = await makeTenant(db);
    const config = { interval_ms: 60_000 };
    await makeScrapingJob(db, { tenantId, domains: ["one.example", "two.example"], config });
    await makeScrapingJob(db, { tenantId, domains: ["one.example"], config });
    const hosts = [(await claimed(db, workerId)).name, (await claimed(db, workerId)).name];
    expect(hosts.sort()).toEqual(["one.example", "two.example"]);
    expect(await claimScrapingStep(db, workerId, 60_000)).toBeNull();
    await db.pool.query("UPDATE scraping_hosts SET next_visit_at = now()");
    await db.pool.query("UPDATE scraping_jobs SET ready_at = now()");
    expect((await claimed(db, workerId)).name).toBe("one.example");
  });

  test("a step that waits for its next try is not claimed before it is due, and then at once", async () => {
    await using database = await testDatabase();
    const { db } = database;
    await makeScrapingJob(db, { tenantId: await makeTenant(db), domains: names(1) });
    await finishScrapingStep(db, again(await claimed(db, workerId), 300));
    expect(await claimScrapingStep(db, workerId, 60_000)).toBeNull();
    await expect.poll(() => claimScrapingStep(db, workerId, 60_000), { interval: 50 }).not.toBeNull();
  });

  test("nothing is claimed of a paused job, and it goes on where it stopped", async () => {
    await using database = await testDatabase();
    const { db } = database;
    const tenantId = await makeTenant(db);
    const id = await makeScrapingJob(db, { tenantId, domains: names(2) });
    const step = await claimed(db, workerId);
    await pauseScrapingJob(db.pool, { tenantId, id }, "paused by test");
    expect(await claimScrapingStep(db, workerId, 60_000)).toBeNull();
    await finishScrapingStep(db, completed(step));
    expect(await jobRow(db, id)).toMatchObject({ status: "paused", completed: 1 });
    await resumeScrapingJob(db.pool, { tenantId, id });
    expect(await claimed(db, workerId)).toMatchObject({ name: "site2.example" });
  });
});

describe("cancelled and lost claims", () => {
  test("a cancelled job's claims end there and then, and its steps are counted", async () => {
    await using database = await testDatabase();
    const { db } = database;
    const tenantId = await makeTenant(db);
    const id = await makeScrapingJob(db, { tenantId, domains: names(5) });
    const done = await claimed(db, workerId);
    await finishScrapingStep(db, completed(done));
    const step = await claimed(db, workerId);
    expect(await renewScrapingClaims(db, workerId, [step.claimId], 60_000)).toEqual(new Set([step.claimId]));
    await cancelScrapingJob(db.pool, { tenantId, id }, "cancelled by test");
    expect(await cancelScrapingSteps(db, id, 2)).toBe(3);
    expect((await jobRow(db, id)).cancelling).toBe(true);
    expect(await renewScrapingClaims(db, workerId, [step.claimId], 60_000)).toEqual(new Set());
    expect(await finishScrapingStep(db, completed(step))).toBeNull();
    while ((await cancelScrapingSteps(db, id, 2)) > 0);
    const { counters, recount } = await stepCounters(db, id);
    expect(counters).toEqual(recount);
    expect(await jobRow(db, id)).toMatchObject({
      status: "cancelled",
      completed: 1,
      cancelled: 4,
      cancelling: false,
    });
  });

  test("a lost worker's step is visited again without spending a try, but not for ever", async () => {
    await using database = await testDatabase();
    const { db } = database;
    const id = await makeScrapingJob(db, { tenantId: await makeTenant(db), domains: names(1) });
    const live = await claimed(db, workerId);
    expect(await readLostScrapingClaims(db)).toEqual([]);
    expect(await loseScrapingClaim(db, live.claimId)).toBeNull();
    await db.pool.query("UPDATE scraping_steps SET claim_expires_at = now() - interval '1 second'");
    // Its holder comes too late to extend it.
    expect(await renewScrapingClaims(db, workerId, [live.claimId], 60_000)).toEqual(new Set());
    expect(await readLostScrapingClaims(db)).toEqual([live.claimId]);
    expect(await loseScrapingClaim(db, live.claimId)).toMatchObject({ status: "pending", attempts: 0 });
    expect(await finishScrapingStep(db, completed(live))).toBeNull();
    for (const status of ["pending", "failed"]) {
      const step = await claimed(db, workerId, 0);
      expect(step.attempt).toBe(1);
      await expect.poll(() => loseScrapingClaim(db, step.claimId)).toMatchObject({ status });
    }
    expect(await jobRow(db, id)).toMatchObject({ status: "failed", failed: 1, running: 0 });
  });
});
