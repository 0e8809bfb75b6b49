import { describe, expect, test } from "vitest";
import {
  addSuppression,
  findSchedule,
  insertSchedule,
  listScheduleRuns,
  openDatabase,
  runDueSchedule,
  runScheduleNow,
  startScheduledJobs,
  transaction,
  uuidv7,
  type Database,
  type RunDecision,
  type ScheduleRow,
} from "../../src/index.ts";
import { claim, makeJob, oneDevice, testDatabase } from "../fixtures.ts";
import { makeScrapingJob } from "../scraping/scraping-fixtures.ts";

const due = new Date(Date.now() - 1_000);
const runIt: (schedule: ScheduleRow) => RunDecision = ({ next_run_at }) => ({
  action: "run",
  plannedAt: new Date(next_run_at ?? 0),
  missed: 0,
  nextRunAt: new Date(Date.now() + 3_600_000),
});

/** A campaign with a finished first job of so many messages. */
async function makeCampaign(db: Database, tenantId: number, messages: number) {
  const campaignId = uuidv7();
  await db.pool.query(
    `INSERT INTO campaigns (id, tenant_id, slug, name, body, created_by) VALUES ($1, $2, $3, 'c', 'hi', 'test')`,
    [campaignId, tenantId, campaignId],
  );
  const jobId = await makeJob(db, { tenantId, messages, priority: 7 });
  await db.pool.query(
    "UPDATE send_messages_jobs SET campaign_id = $2, kind = 'campaign', status = 'cancelled', cancelling = false WHERE id = $1",
    [jobId, campaignId],
  );
  return { campaignId, jobId };
}

async function makeSchedule(
  db: Database,
  tenantId: number,
  campaignId: string,
  fields: Partial<Pick<ScheduleRow, "overlap" | "enabled">> = {},
) {
  return await insertSchedule(
    db.pool,
    { tenantId, actor: "test" },
    {
      name: "s",
      target: "campaign",
      campaign_id: campaignId,
      source_job_id: null,
      run_at: null,
      cron: "* * * * *",
      time_zone: "UTC",
      missed: "catch_up",
      overlap: "allow",
      enabled: true,
      next_run_at: due.toISOString(),
      ...fields,
    },
  );
}

const runsOf = async (db: Database, id: string) =>
  (await listScheduleRuns(db.pool, id, { limit: 100 })).items;

describe("runs of schedules", () => {
  test("many workers at once run one instant once", async () => {
    await using database = await testDatabase();
    const { db } = database;
    const { tenantId } = await oneDevice(db);
    const { campaignId } = await makeCampaign(db, tenantId, 50);
    const schedules = await Promise.all([1, 2, 3].map(() => makeSchedule(db, tenantId, campaignId)));
    const url = db.pool.options.connectionString ?? "";
    const workers = [1, 2, 3, 4].map((n) => openDatabase({ url, name: `worker-${n}` }));
    try {
      const worker = async (own: Database) => {
        while ((await runDueSchedule(own, runIt)) !== null);
      };
      await Promise.all(workers.flatMap((own) => [worker(own), worker(own)]));
    } finally {
      await Promise.all(workers.map((own) => own.close()));
    }
    for (const { id } of schedules) expect(await runsOf(db, id)).toMatchObject([{ status: "started" }]);
    const { rows } = await db.pool.query(
      "SELECT id FROM send_messages_jobs WHERE created_by LIKE 'schedule:%'",
    );
    expect(rows).toHaveLength(3);
  });

  test("a worker that dies in the middle has done nothing, and another does it", async () => {
    await using database = await testDatabase();
    const { db } = database;
    const { tenantId } = await oneDevice(db);
    const { campaignId } = await makeCampaign(db, tenantId, 5);
    const { id } = await makeSchedule(db, tenantId, campaignId);
    await expect(
      runDueSchedule(db, () => {
        throw new Error("died");
      }),
    ).rejects.toThrow("died");
    expect(await runsOf(db, id)).toEqual([]);
    expect(await runDueSchedule(db, runIt)).toMatchObject({ run: { status: "started" } });
  });

  test("a planned instant that was run is not run again, however the plan was changed", async () => {
    await using database = await testDatabase();
    const { db } = database;
    const { tenantId } = await oneDevice(db);
    const { campaignId } = await makeCampaign(db, tenantId, 5);
    const { id } = await makeSchedule(db, tenantId, campaignId);
    await runDueSchedule(db, runIt);
    await db.pool.query("UPDATE schedules SET next_run_at = $2 WHERE id = $1", [id, due]);
    expect(await runDueSchedule(db, runIt)).toMatchObject({ run: null });
    expect(await runsOf(db, id)).toHaveLength(1);
  });

  test("sends the same to the same people with the same settings; who opted out since is skipped and shown", async () => {
    await using database = await testDatabase();
    const { db } = database;
    const { tenantId, lease } = await oneDevice(db);
    const { campaignId, jobId } = await makeCampaign(db, tenantId, 4);
    await db.pool.query("UPDATE messages SET variables = jsonb_build_object('n', seq) WHERE job_id = $1", [
      jobId,
    ]);
    await addSuppression(db.pool, tenantId, { phone: "34600000003", reason: "asked" });
    await makeSchedule(db, tenantId, campaignId);
    const ran = await runDueSchedule(db, runIt);
    const { rows } = await db.pool.query<object>(
      `SELECT status, total, skipped, next_seq, priority, campaign_id, body FROM send_messages_jobs WHERE id = $1`,
      [ran?.run?.job_id],
    );
    expect(rows).toEqual([
      {
        status: "pending",
        total: 4,
        skipped: 1,
        next_seq: 1,
        priority: 7,
        campaign_id: campaignId,
        body: "hello",
      },
    ]);
    const claimed = await claim(db, lease, 10);
    expect(claimed.map(({ phone, variables }) => [phone, variables])).toEqual(
      [1, 2, 4].map((n) => [`3460000000${n}`, { n }]),
    );
    const history = await db.pool.query("SELECT to_state FROM message_events WHERE to_state = 'skipped'");
    expect(history.rowCount).toBe(1);
  });

  test("what cannot be is a line of history, not a worker that tries for ever", async () => {
    await using database = await testDatabase();
    const { db } = database;
    const { tenantId } = await oneDevice(db);
    const { campaignId } = await makeCampaign(db, tenantId, 1);
    await addSuppression(db.pool, tenantId, { phone: "34600000001", reason: "asked" });
    const { id } = await makeSchedule(db, tenantId, campaignId);
    await runDueSchedule(db, runIt);
    expect(await runDueSchedule(db, runIt)).toBeNull();
    expect(await runsOf(db, id)).toMatchObject([{ status: "failed", reason: "nobody is left to write to" }]);
    expect((await findSchedule(db.pool, tenantId, id))?.next_run_at).not.toBeNull();
  });

  test("with overlap `skip` a run waits for no job of the run before, and says so; by hand it runs all the same", async () => {
    await using database = await testDatabase();
    const { db } = database;
    const { tenantId } = await oneDevice(db);
    const { campaignId } = await makeCampaign(db, tenantId, 2);
    const schedule = await makeSchedule(db, tenantId, campaignId, { overlap: "skip" });
    await runDueSchedule(db, runIt);
    await db.pool.query("UPDATE schedules SET next_run_at = clock_timestamp() WHERE id = $1", [schedule.id]);
    expect(await runDueSchedule(db, runIt)).toMatchObject({ run: { status: "skipped" } });
    const byHand = await transaction(db, (tx) => runScheduleNow(tx, schedule, "somebody"));
    expect(byHand).toMatchObject({ status: "started", actor: "somebody" });
    expect((await runsOf(db, schedule.id)).map(({ status }) => status)).toEqual([
      "started",
      "skipped",
      "started",
    ]);
  });

  test("of a batch job visits the same domains with the same settings, once for an instant", async () => {
    await using database = await testDatabase();
    const { db } = database;
    const { tenantId } = await oneDevice(db);
    const source = await makeScrapingJob(db, {
      tenantId,
      domains: ["a.example", "b.example"],
      config: { concurrency: 7 },
    });
    const timing = { run_at: null, cron: "0 6 * * *", time_zone: "UTC", next_run_at: due.toISOString() };
    const policies = { missed: "skip", overlap: "skip", enabled: true } as const;
    await insertSchedule(
      db.pool,
      { tenantId, actor: "test" },
      {
        name: "s",
        target: "batch_scraping",
        campaign_id: null,
        source_job_id: source,
        ...timing,
        ...policies,
      },
    );
    const ran = await runDueSchedule(db, runIt);
    const { rows } = await db.pool.query(
      `SELECT j.total, j.config ->> 'concurrency' AS concurrency, array_agg(s.url ORDER BY s.step_number) AS urls
       FROM scraping_jobs j JOIN scraping_steps s ON s.job_id = j.id WHERE j.id = $1 GROUP BY j.id`,
      [ran?.run?.job_id],
    );
    expect(rows).toEqual([
      { total: 2, concurrency: "7", urls: ["https://a.example/", "https://b.example/"] },
    ]);
    await db.pool.query("UPDATE schedules SET next_run_at = clock_timestamp()");
    expect(await runDueSchedule(db, runIt)).toMatchObject({ run: { status: "skipped" } });
  });

  test("a schedule that is switched off does not run", async () => {
    await using database = await testDatabase();
    const { db } = database;
    const { tenantId } = await oneDevice(db);
    const { campaignId } = await makeCampaign(db, tenantId, 2);
    await makeSchedule(db, tenantId, campaignId, { enabled: false });
    expect(await runDueSchedule(db, runIt)).toBeNull();
  });

  test("a job that was scheduled long ago does not have its device to itself when it begins", async () => {
    await using database = await testDatabase();
    const { db } = database;
    const { tenantId, lease } = await oneDevice(db);
    const later = await makeJob(db, { tenantId, messages: 100 });
    await db.pool.query(
      "UPDATE send_messages_jobs SET status = 'scheduled', scheduled_at = clock_timestamp() WHERE id = $1",
      [later],
    );
    await makeJob(db, { tenantId, messages: 200, firstPhone: 34_700_000_000 });
    expect(await claim(db, lease, 100)).toHaveLength(100);
    expect(await startScheduledJobs(db)).toBe(1);
    const claimed = await claim(db, lease, 20, 1);
    expect(claimed.filter(({ jobId }) => jobId === later).length).toBeLessThanOrEqual(11);
    expect(claimed).toHaveLength(20);
  });
});
