import { expect, inject, test } from "vitest";
import { insertSchedule, listScheduleRuns, openDatabase, uuidv7 } from "@pregonero/db";
import { cloneDatabase, makeDevice, makeJob, makeTenant } from "@pregonero/db/testing";
import { createLogger } from "@pregonero/runtime";
import { Scheduler } from "../../src/schedules/scheduler.ts";

const hourMs = 3_600_000;

/** A tenant with a campaign, and two workers' schedulers on its database. Neither knows of any Redis. */
async function scheduledWorld() {
  const clone = await cloneDatabase(inject("databaseAdminUrl"), inject("templateDatabase"));
  const db = openDatabase({ url: clone.url, name: "test" });
  const log = createLogger({ service: "test", level: "error", file: null });
  const tenantId = await makeTenant(db);
  await makeDevice(db, tenantId);
  const campaignId = uuidv7();
  await db.pool.query(
    `INSERT INTO campaigns (id, tenant_id, slug, name, body, created_by) VALUES ($1, $2, 'c', 'c', 'hi', 'test')`,
    [campaignId, tenantId],
  );
  const jobId = await makeJob(db, { tenantId, messages: 3 });
  await db.pool.query("UPDATE send_messages_jobs SET campaign_id = $2 WHERE id = $1", [jobId, campaignId]);
  const scheduler = () => new Scheduler({ db, log, everyMs: 1_000, graceMs: 60_000 });
  return {
    db,
    tenantId,
    schedulers: [scheduler(), scheduler()],
    make: async (missed: "skip" | "catch_up", cron: string | null, nextRunAt: Date) =>
      await insertSchedule(
        db.pool,
        { tenantId, actor: "test" },
        {
          name: missed,
          target: "campaign",
          campaign_id: campaignId,
          source_job_id: null,
          run_at: cron === null ? nextRunAt.toISOString() : null,
          cron,
          time_zone: "UTC",
          missed,
          overlap: "allow",
          enabled: true,
          next_run_at: nextRunAt.toISOString(),
        },
      ),
    runs: async (id: string) => (await listScheduleRuns(db.pool, id, { limit: 100 })).items,
    async [Symbol.asyncDispose]() {
      await db.close();
      await clone.drop();
      await log.close();
    },
  };
}

test("after an outage `catch_up` makes up for all that was missed by one run, `skip` for none; both go on", async () => {
  await using world = await scheduledWorld();
  // The fleet was away for five hours and is back at half past, whatever the time is now.
  const now = Date.now();
  const minute = new Date(now + 30 * 60_000).getUTCMinutes();
  const missed = new Date(Math.floor((now - 5 * hourMs) / hourMs) * hourMs + minute * 60_000);
  const cron = `${minute} * * * *`;
  const caughtUp = await world.make("catch_up", cron, missed);
  const skipped = await world.make("skip", cron, missed);
  await Promise.all(world.schedulers.map((scheduler) => scheduler.round()));

  const [run, ...more] = await world.runs(caughtUp.id);
  expect(more).toEqual([]);
  expect(run).toMatchObject({ status: "started", job_id: expect.any(String) });
  expect(run?.missed).toBeGreaterThanOrEqual(3);
  expect(await world.runs(skipped.id)).toMatchObject([
    { status: "skipped", job_id: null, missed: run?.missed },
  ]);
  const { rows } = await world.db.pool.query<{ next: Date }>("SELECT next_run_at AS next FROM schedules");
  for (const { next } of rows) {
    expect(next.getTime()).toBeGreaterThan(now);
    expect(next.getTime()).toBeLessThanOrEqual(now + hourMs);
  }
});

test("what is to run once runs once, by one of two workers, and is over", async () => {
  await using world = await scheduledWorld();
  const once = await world.make("skip", null, new Date(Date.now() - 1_000));
  await Promise.all(world.schedulers.map((scheduler) => scheduler.round()));
  await Promise.all(world.schedulers.map((scheduler) => scheduler.round()));
  expect(await world.runs(once.id)).toMatchObject([{ status: "started", missed: 0 }]);
  const { rows } = await world.db.pool.query("SELECT id FROM schedules WHERE next_run_at IS NOT NULL");
  expect(rows).toEqual([]);
});
