import { busChannel } from "@pregonero/contracts";
import { connectRedis } from "@pregonero/queue";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openHarness, type Harness } from "./support/harness.ts";
import type { FrameClient } from "./support/frame-client.ts";
import { OwnRedis } from "./support/own-redis.ts";
import { phones } from "./support/sender.ts";

let redis: OwnRedis;
let harness: Harness;
let tenantId: number;

beforeEach(async () => {
  redis = await OwnRedis.start();
  harness = await openHarness({ redisUrl: redis.url });
  tenantId = await harness.sender.tenant();
});
afterEach(async () => {
  await harness.close();
  await redis.kill();
});

async function follow(jobId: string): Promise<FrameClient> {
  const client = harness.connect(`/ws/job/${jobId}?token=${harness.token(tenantId)}`);
  await client.type("job_created");
  return client;
}

const figuresOf = (client: FrameClient) => client.of("progress").map((frame) => frame["progress"]);

test("a job whose every event is lost is told from its row, and ends exactly once", async () => {
  const jobId = await harness.sender.job(tenantId, 4);
  const client = await follow(jobId);
  await harness.sender.move(jobId, { sent: phones(2), silent: true });
  expect(await client.type("progress")).toMatchObject({
    device_id: null,
    phone: "",
    status: "sent",
    catch_up: true,
    progress: { sent: 2, total: 4 },
  });
  await harness.sender.move(jobId, { sent: phones(1, 2), failed: phones(1, 3), silent: true });
  await client.type("job_completed");
  await harness.sender.announce(jobId, "running");
  await client.sync();
  expect(client.types).toEqual([
    "connected",
    "job_created",
    "job_started",
    "progress",
    "progress",
    "job_completed",
    "pong",
  ]);
  expect(await harness.metric("pregonero_ws_caught_up_total")).toBe(2);
});

test("a pause whose event is lost is told from the row", async () => {
  const jobId = await harness.sender.job(tenantId, 4);
  const client = await follow(jobId);
  await harness.sender.status(jobId, "paused", { silent: true });
  await client.type("job_paused");
});

test("FLUSHALL in the middle of a job changes nothing for its followers", async () => {
  const jobId = await harness.sender.job(tenantId, 4);
  const client = await follow(jobId);
  await harness.sender.move(jobId, { sent: phones(2) });
  await client.untilAll(() => (client.of("progress").length === 2 ? true : undefined));
  const admin = connectRedis(redis.url, { name: "flush" });
  await admin.flushall();
  admin.disconnect();
  await harness.sender.move(jobId, { sent: phones(2, 2) });
  await client.type("job_completed");
  expect(figuresOf(client)).toMatchObject([{ sent: 1 }, { sent: 2 }, { sent: 3 }, { sent: 4 }]);
});

test("with Redis dead followers get the same figures from Postgres, and events again when it is back", async () => {
  const jobId = await harness.sender.job(tenantId, 6);
  const client = await follow(jobId);
  await harness.sender.move(jobId, { sent: phones(1) });
  await client.type("progress");

  await redis.kill();
  await harness.sender.move(jobId, { sent: phones(2, 1) });
  await client.until((frame) => JSON.stringify(frame).includes('"sent":3'));
  const late = harness.connect(`/ws/job/${jobId}?token=${harness.token(tenantId)}`);
  expect(await late.type("job_started")).toMatchObject({ progress: { sent: 3 } });

  await redis.start();
  await expect.poll(() => harness.bus.ready, { timeout: 10_000 }).toBe(true);
  await harness.sender.move(jobId, { sent: phones(3, 3) });
  for (const each of [client, late]) {
    await each.type("job_completed");
    expect(each.of("job_completed")).toHaveLength(1);
    const sent = figuresOf(each).map((figures) => JSON.stringify(figures));
    expect(new Set(sent).size).toBe(sent.length);
  }
});

test("a job that is asked for while Postgres is away is told when it is back", async () => {
  const jobId = await harness.sender.job(tenantId, 1);
  const client = harness.connect(`/ws?token=${harness.token(tenantId)}`);
  await client.type("connected");
  await harness.db.pool.query("ALTER TABLE send_messages_jobs RENAME TO away");
  client.send({ type: "subscribe_job", job_id: jobId });
  await client.sync();
  await expect.poll(() => harness.reads.length).toBeGreaterThan(1);
  await harness.db.pool.query("ALTER TABLE away RENAME TO send_messages_jobs");
  await client.type("job_created");
});

test.each(["before", "after"] as const)(
  "a message that is sent while the first row is read, %s the read itself, is neither lost nor doubled",
  async (moment) => {
    const sentMeanwhile = new Set<string>();
    const own = await openHarness({
      options: { pollMs: 60_000 },
      aroundRead: {
        async [moment](jobId: string) {
          if (sentMeanwhile.has(jobId)) return;
          sentMeanwhile.add(jobId);
          const heard = new Promise<void>((resolve) => {
            own.bus.subscribe(busChannel.job(jobId), ({ type }) =>
              type === "messages" ? resolve() : undefined,
            );
          });
          await own.sender.move(jobId, { sent: phones(1) });
          await heard;
        },
      },
    });
    try {
      const tenant = await own.sender.tenant();
      const jobId = await own.sender.job(tenant, 2);
      const client = own.connect(`/ws/job/${jobId}?token=${own.token(tenant)}`);
      expect(await client.type("job_started")).toMatchObject({ progress: { sent: 1 } });
      await own.sender.move(jobId, { sent: phones(1, 1) });
      await client.type("job_completed");
      expect(client.types).toEqual(["connected", "job_started", "progress", "job_completed"]);
    } finally {
      await own.close();
    }
  },
);

test("all watched jobs are read in one query, each once however many look, and none when nobody looks", async () => {
  const jobs = await Promise.all([1, 2, 3].map(() => harness.sender.job(tenantId, 2)));
  const clients = await Promise.all([...jobs, ...jobs].map((jobId) => follow(jobId)));
  expect(await harness.metric("pregonero_ws_watched_jobs")).toBe(3);
  harness.reads.length = 0;
  await expect.poll(() => harness.reads.length, { timeout: 5_000 }).toBeGreaterThan(1);
  for (const ids of harness.reads) expect(ids.toSorted()).toEqual(jobs.toSorted());

  for (const client of clients) client.close();
  await expect.poll(() => harness.metric("pregonero_ws_watched_jobs")).toBe(0);
  harness.reads.length = 0;
  await harness.sender.move(jobs[0] ?? "", { sent: phones(1) });
  const again = harness.connect(`/ws/job/${jobs[0]}?token=${harness.token(tenantId)}`);
  await again.type("job_started");
  expect(harness.reads[0]).toEqual([jobs[0]]);
});
