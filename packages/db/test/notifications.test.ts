import { expect, test } from "vitest";
import {
  claimNotifications,
  expireNotifications,
  finishScrapingStep,
  listNotifications,
  recordNotification,
  writeJobNotify,
} from "../src/index.ts";
import { makeTenant, makeWorker, testDatabase } from "./fixtures.ts";
import { claimed, completed, makeScrapingJob } from "./scraping/scraping-fixtures.ts";

test("each domain of a batch job is told where that was asked for, and the end of the job", async () => {
  await using database = await testDatabase();
  const { db } = database;
  const tenantId = await makeTenant(db);
  const workerId = await makeWorker(db);
  const id = await makeScrapingJob(db, { tenantId, domains: ["a.example", "b.example"] });
  await writeJobNotify(
    db.pool,
    { id, tenantId, type: "batch_scraping" },
    { email: ["ana@example.com"], webhook_url: null, on: ["step", "completed"] },
  );
  for (let n = 0; n < 2; n++) await finishScrapingStep(db, completed(await claimed(db, workerId)));
  const told = await claimNotifications(db, { channels: ["email"], limit: 10, leaseMs: 60_000 });
  expect(
    told.map(({ event, data }) => `${event} ${String(data["step"] ?? data["completed"])}`).toSorted(),
  ).toEqual(["completed 2", "step a.example", "step b.example"]);
});

test("the word of a worker that counts as lost changes nothing; what nobody could send is given up", async () => {
  await using database = await testDatabase();
  const { db } = database;
  const tenantId = await makeTenant(db);
  await db.pool.query(
    `INSERT INTO notifications (id, tenant_id, event, channel, recipient, language, data, created_at)
     SELECT gen_random_uuid(), $1, 'test', 'email', n || '@example.com', 'es', '{}', now() - n * interval '2 days'
     FROM generate_series(0, 1) n`,
    [tenantId],
  );
  expect(await expireNotifications(db, 86_400_000)).toBe(1);
  const [first] = await claimNotifications(db, { channels: ["email"], limit: 10, leaseMs: 0 });
  const [second] = await claimNotifications(db, { channels: ["email"], limit: 10, leaseMs: 60_000 });
  if (!first || !second) throw new Error("nothing was claimed");
  expect(second).toMatchObject({ id: first.id, attempt: 2 });
  await recordNotification(db, first, { status: "failed", error: "late" });
  const { items } = await listNotifications(db.pool, tenantId, { limit: 10, status: "sending" });
  expect(items).toHaveLength(1);
  await recordNotification(db, second, { status: "sent" });
  expect((await listNotifications(db.pool, tenantId, { limit: 10, status: "sent" })).items).toHaveLength(1);
});
