import { describe, expect, test } from "vitest";
import {
  admitJobs,
  applyOutcomes,
  balanceLanes,
  claimScrapingStep,
  openLateLanes,
  pauseJob,
  resumeJob,
  wakeSleepingLanes,
  writePlatformLimits,
  type Database,
} from "../src/index.ts";
import { claim, ended, makeDevice, makeJob, makeTenant, oneDevice, testDatabase } from "./fixtures.ts";
import { makeScrapingJob } from "./scraping/scraping-fixtures.ts";

const limit = (db: Database, overall: number | null, perTenant: number | null) =>
  writePlatformLimits(db, { maxRunningJobs: overall, maxRunningJobsPerTenant: perTenant });

async function statesOf(db: Database, jobIds: readonly string[]) {
  const { rows } = await db.pool.query<{ id: string; held: boolean; status: string; reason: string | null }>(
    `SELECT id, held, status, status_reason AS reason FROM send_messages_jobs WHERE id = ANY ($1)
     ORDER BY array_position($1, id)`,
    [jobIds],
  );
  return rows;
}

const heldOf = async (db: Database, jobIds: readonly string[]) =>
  (await statesOf(db, jobIds)).map(({ held }) => held);

/** What the reconciler does with jobs and lanes. */
async function reconcile(db: Database): Promise<void> {
  await admitJobs(db);
  await openLateLanes(db);
  await wakeSleepingLanes(db);
  await balanceLanes(db);
}

describe("the limit of jobs that run at once", () => {
  test("without one nothing is held, and lanes are active at once", async () => {
    await using database = await testDatabase();
    const { db } = database;
    const { tenantId, lease } = await oneDevice(db);
    const jobs = [await makeJob(db, { tenantId, messages: 1 }), await makeJob(db, { tenantId, messages: 1 })];
    expect(await heldOf(db, jobs)).toEqual([false, false]);
    expect(await claim(db, lease, 10, 1)).toHaveLength(2);
  });

  test("holds jobs beyond it: pending, with the reason, and out of every claim", async () => {
    await using database = await testDatabase();
    const { db } = database;
    const { tenantId, lease } = await oneDevice(db);
    await limit(db, null, 1);
    const first = await makeJob(db, { tenantId, messages: 2 });
    const second = await makeJob(db, { tenantId, messages: 2 });
    await reconcile(db);
    expect(await heldOf(db, [first, second])).toEqual([false, true]);
    const claimed = await claim(db, lease, 10);
    expect(claimed.map(({ jobId }) => jobId)).toEqual([first, first]);
    await reconcile(db);
    expect(await claim(db, lease, 10)).toHaveLength(0);

    const [, waiting] = await statesOf(db, [first, second]);
    expect(waiting).toMatchObject({
      status: "pending",
      reason: expect.stringContaining("waits for its turn"),
    });
    const stuck = await db.pool.query<{ reason: string }>("SELECT reason FROM v_stuck WHERE job_id = $1", [
      second,
    ]);
    expect(stuck.rows).toEqual([{ reason: "waits for its turn: 1 of 1 jobs of the tenant run" }]);

    await applyOutcomes(db, claimed.map(ended("sent")));
    await reconcile(db);
    expect((await claim(db, lease, 10)).map(({ jobId }) => jobId)).toEqual([second, second]);
    expect((await statesOf(db, [second]))[0]).toMatchObject({ status: "running", reason: null });
  });

  test("lets jobs go by priority, then age", async () => {
    await using database = await testDatabase();
    const { db } = database;
    const { tenantId } = await oneDevice(db);
    await limit(db, null, 2);
    const low = await makeJob(db, { tenantId, messages: 1, priority: 1 });
    const old = await makeJob(db, { tenantId, messages: 1, priority: 5 });
    const young = await makeJob(db, { tenantId, messages: 1, priority: 5 });
    const high = await makeJob(db, { tenantId, messages: 1, priority: 9 });
    await reconcile(db);
    expect(await heldOf(db, [high, old, young, low])).toEqual([false, false, true, true]);
  });

  test("single sends are never held", async () => {
    await using database = await testDatabase();
    const { db } = database;
    const { tenantId, lease } = await oneDevice(db);
    await limit(db, 1, 1);
    await makeJob(db, { tenantId, messages: 1 });
    await reconcile(db);
    const single = await makeJob(db, { tenantId, messages: 1, laneClass: "interactive" });
    expect((await claim(db, lease, 1)).map(({ jobId }) => jobId)).toEqual([single]);
  });

  test("a paused job gives its place away, and waits for one when it is resumed", async () => {
    await using database = await testDatabase();
    const { db } = database;
    const { tenantId, lease } = await oneDevice(db);
    await limit(db, null, 1);
    const first = await makeJob(db, { tenantId, messages: 3 });
    const second = await makeJob(db, { tenantId, messages: 3 });
    await reconcile(db);
    expect(await claim(db, lease, 1)).toHaveLength(1);
    await pauseJob(db.pool, tenantId, first, "paused by a test");
    await reconcile(db);
    expect(await heldOf(db, [first, second])).toEqual([false, false]);
    const resumed = await resumeJob(db.pool, tenantId, first);
    expect(resumed?.job.status).toBe("pending");
    await reconcile(db);
    expect(await heldOf(db, [first, second])).toEqual([true, false]);
    expect((await claim(db, lease, 10)).every(({ jobId }) => jobId === second)).toBe(true);
  });

  test("one tenant's crowd does not hold another's job, and the overall limit holds for all", async () => {
    await using database = await testDatabase();
    const { db } = database;
    const [crowded, other] = [await makeTenant(db), await makeTenant(db)];
    for (const tenant of [crowded, other]) await makeDevice(db, tenant);
    await limit(db, 3, 2);
    for (let n = 0; n < 5; n++) await makeJob(db, { tenantId: crowded, messages: 1, priority: 9 });
    const theirs = [await makeJob(db, { tenantId: other, messages: 1 })];
    theirs.push(await makeJob(db, { tenantId: other, messages: 1 }));
    await reconcile(db);
    expect(await heldOf(db, theirs)).toEqual([false, true]);
    const { rows } = await db.pool.query("SELECT tenant_id FROM counted_jobs()");
    expect(rows).toHaveLength(3);
    await limit(db, null, null);
    await reconcile(db);
    expect(await heldOf(db, theirs)).toEqual([false, false]);
  });

  test("counts both kinds of job together; a held scraping job gives no step away, whatever wakes it", async () => {
    await using database = await testDatabase();
    const { db } = database;
    const { tenantId, workerId } = await oneDevice(db);
    await limit(db, null, 1);
    const sending = await makeJob(db, { tenantId, messages: 1, priority: 9 });
    const visiting = await makeScrapingJob(db, { tenantId, domains: ["a.example"] });
    await reconcile(db);
    expect(await heldOf(db, [sending])).toEqual([false]);
    await db.pool.query("UPDATE scraping_jobs SET ready_at = clock_timestamp() WHERE id = $1", [visiting]);
    expect(await claimScrapingStep(db, workerId, 1_000)).toBeNull();
    await pauseJob(db.pool, tenantId, sending, "paused by a test");
    await reconcile(db);
    expect(await claimScrapingStep(db, workerId, 1_000)).toMatchObject({ jobId: visiting });
    await resumeJob(db.pool, tenantId, sending);
    await reconcile(db);
    expect(await heldOf(db, [sending])).toEqual([true]);
  });

  test("holds while many make, pause, resume and admit jobs at once", async () => {
    await using database = await testDatabase();
    const { db } = database;
    const { tenantId } = await oneDevice(db);
    await limit(db, null, 3);
    let most = 0;
    let done = false;
    const watch = (async () => {
      while (!done) {
        const { rows } = await db.pool.query<{ n: number }>("SELECT count(*)::int AS n FROM counted_jobs()");
        most = Math.max(most, rows[0]?.n ?? 0);
      }
    })();
    const maker = async () => {
      for (let n = 0; n < 8; n++) {
        const id = await makeJob(db, { tenantId, messages: 1 });
        await admitJobs(db);
        await pauseJob(db.pool, tenantId, id, "paused by a test");
        await Promise.all([resumeJob(db.pool, tenantId, id), admitJobs(db), admitJobs(db)]);
      }
    };
    await Promise.all([maker(), maker(), maker()]);
    await reconcile(db);
    done = true;
    await watch;
    expect(most).toBe(3);
    const { rows } = await db.pool.query<{ held: number }>(
      "SELECT count(*)::int AS held FROM send_messages_jobs WHERE held",
    );
    expect(rows[0]?.held).toBe(21);
  });
});
