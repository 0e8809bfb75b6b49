import { expect, test } from "vitest";
import { applyOutcomes, pauseFailingJobs, type Database } from "../src/index.ts";
import { claim, ended, makeJob, oneDevice, testDatabase } from "./fixtures.ts";

async function job(db: Database, autoPause: object | null, messages = 100) {
  const { tenantId, deviceId, lease } = await oneDevice(db);
  const id = await makeJob(db, { tenantId, messages, devices: [deviceId] });
  await db.pool.query("UPDATE send_messages_jobs SET auto_pause = $2 WHERE id = $1", [id, autoPause]);
  const end = async (sent: number, failed: number) => {
    const claimed = await claim(db, lease, sent + failed);
    const failures = claimed.slice(sent).map(ended("failed", { errorCode: "rejected" }));
    await applyOutcomes(db, [...claimed.slice(0, sent).map(ended("sent")), ...failures]);
    return claimed;
  };
  const status = async () => {
    const row = await db.prisma.sendMessagesJob.findUniqueOrThrow({ where: { id } });
    return { status: row.status, reason: row.statusReason };
  };
  return { id, end, status };
}

test("pauses a job once its share has failed, with the reason", async () => {
  await using database = await testDatabase();
  const { db } = database;
  const { id, end, status } = await job(db, { failure_rate: 0.3, min_messages: 10 });
  await end(7, 2);
  expect(await pauseFailingJobs(db, [id])).toEqual([]);
  await end(0, 1);
  expect(await pauseFailingJobs(db, [id])).toEqual([id]);
  expect(await status()).toEqual({
    status: "paused",
    reason: "paused by itself: 3 of the last 10 messages failed (30 %, in 60 s)",
  });
});

test("a failure that a webhook reports after `sent` counts, and its message ended once", async () => {
  await using database = await testDatabase();
  const { db } = database;
  const { id, end, status } = await job(db, { failure_rate: 0.5, min_messages: 10 });
  const claimed = await end(10, 0);
  const byWebhook = claimed.slice(0, 5).map(ended("failed", { errorCode: "not_on_whatsapp" }));
  await applyOutcomes(db, byWebhook.slice(0, 4));
  // Told twice, as providers do.
  await applyOutcomes(db, byWebhook.slice(0, 4));
  expect(await pauseFailingJobs(db, [id])).toEqual([]);
  await applyOutcomes(db, byWebhook.slice(4));
  expect(await pauseFailingJobs(db, [id])).toEqual([id]);
  expect((await status()).reason).toContain("5 of the last 10 messages failed");
});

test("of several processes that judge at once one pauses", async () => {
  await using database = await testDatabase();
  const { db } = database;
  const { id, end } = await job(db, null);
  await end(0, 60);
  const verdicts = await Promise.all(Array.from({ length: 8 }, () => pauseFailingJobs(db, [id])));
  expect(verdicts.flat()).toEqual([id]);
});

test("a job that is resumed starts with a clean record", async () => {
  await using database = await testDatabase();
  const { db } = database;
  const { id, end, status } = await job(db, { failure_rate: 0.5, min_messages: 10 });
  await end(0, 10);
  await pauseFailingJobs(db, [id]);
  await db.pool.query("UPDATE send_messages_jobs SET status = 'running' WHERE id = $1", [id]);
  await end(0, 9);
  expect(await pauseFailingJobs(db, [id])).toEqual([]);
  expect((await status()).status).toBe("running");
  await end(0, 1);
  expect(await pauseFailingJobs(db, [id])).toEqual([id]);
});

test("forgets what is older than the window", async () => {
  await using database = await testDatabase();
  const { db } = database;
  const { id, end } = await job(db, { failure_rate: 0.5, min_messages: 10, window_s: 10 });
  await end(0, 9);
  await db.pool.query("UPDATE job_seconds SET second = second - interval '11 seconds'");
  await end(0, 9);
  expect(await pauseFailingJobs(db, [id])).toEqual([]);
});

test("leaves a job alone that wants to be left alone", async () => {
  await using database = await testDatabase();
  const { db } = database;
  const { id, end } = await job(db, { enabled: false });
  await end(0, 100);
  expect(await pauseFailingJobs(db, [id])).toEqual([]);
});
