import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { Platform, until } from "./support/platform.ts";
import { csvOf, numbers } from "./support/recipients.ts";

let platform: Platform;

beforeAll(async () => {
  platform = await Platform.start({ workers: 2, devices: 4 });
}, 120_000);

afterAll(async () => {
  await platform[Symbol.asyncDispose]();
}, 60_000);

beforeEach(async () => {
  await platform.sandbox.forget();
  await platform.sandbox.delay(0, 0);
});

const onceEach = (phones: readonly string[]): Map<string, number> =>
  new Map(phones.map((phone) => [phone, 1]));

const sorted = (counts: ReadonlyMap<string, number>): [string, number][] =>
  [...counts].sort(([a], [b]) => a.localeCompare(b));

test(
  "a CSV campaign over 2 workers and 4 devices reaches each number exactly once",
  { timeout: 90_000 },
  async () => {
    const { client, sandbox } = platform;
    // Long enough for each device to have its part, however late its first turn comes.
    await sandbox.delay(60, 100);
    const phones = numbers(400);
    const created = await client.campaigns.createFromFile(
      { name: "Promo enero", body: "Hola {{nombre}}" },
      csvOf(phones),
    );
    expect(created).toMatchObject({ accepted: 400, rejected: 0 });
    const types = new Set<string>();
    for await (const frame of client.followJob(created.job.id)) types.add(frame.type);
    expect([...types].at(-1)).toBe("job_completed");

    expect(sorted(await platform.arrivals())).toEqual(sorted(onceEach(phones)));
    const texts = new Set((await platform.sandbox.arrivals()).map(({ text }) => text));
    expect(texts.size).toBe(400);
    expect(texts.has("Hola Íñigo 399")).toBe(true);
    const job = await client.jobs.get(created.job.id);
    expect(job.devices.map(({ sent }) => sent > 0)).toEqual([true, true, true, true]);
    expect(job.progress).toMatchObject({ total: 400, sent: 400, failed: 0, unknown: 0, percentage: 100 });
  },
);

test(
  "pause through the API holds within a second, resume goes on, cancel ends it; nobody gets two",
  { timeout: 90_000 },
  async () => {
    const { client, sandbox } = platform;
    await sandbox.delay(10, 40);
    const phones = numbers(3_000, 34_555_300_001);
    const { job } = await client.campaigns.createFromFile(
      { name: "Pausada", body: "Hola {{nombre}}" },
      csvOf(phones),
    );
    await until(async () => (await sandbox.arrivals()).length >= 40, 20_000);
    expect(await client.jobs.pause(job.id)).toMatchObject({ status: "paused" });
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const atPause = (await sandbox.arrivals()).length;
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect((await sandbox.arrivals()).length).toBe(atPause);
    await expect(client.jobs.pause(job.id)).rejects.toMatchObject({ status: 409 });

    await client.jobs.resume(job.id);
    await until(async () => (await sandbox.arrivals()).length > atPause + 20, 10_000);
    expect(await client.jobs.cancel(job.id)).toMatchObject({ status: "cancelled" });
    await until(async () => {
      const { progress } = await client.jobs.get(job.id);
      return progress.sent + progress.failed + progress.cancelled === phones.length;
    }, 15_000);
    const { progress } = await client.jobs.get(job.id);
    expect(progress).toMatchObject({ failed: 0, unknown: 0, pending: 0 });
    const arrivals = await platform.arrivals();
    expect(arrivals.size).toBe(progress.sent);
    expect(new Set(arrivals.values())).toEqual(new Set([1]));
    await expect(client.jobs.resume(job.id)).rejects.toMatchObject({ status: 409 });
  },
);

test(
  "whoever joins late gets the present state and then the end; after the end, the end",
  { timeout: 60_000 },
  async () => {
    const { client, sandbox } = platform;
    await sandbox.delay(10, 40);
    const { job } = await client.bulk.send({ message: "Hola", phones: numbers(300, 34_555_500_001) });
    await until(async () => (await client.bulk.get(job.id)).progress.sent >= 50, 20_000);
    {
      await using late = platform.socket(`/ws/job/${job.id}`);
      const present = await late.ofType("job_started");
      expect(present).toMatchObject({ job_id: job.id, progress: { total: 300 } });
      const { sent } = present["progress"] as { sent: number };
      expect(sent).toBeGreaterThanOrEqual(50);
      const end = await late.ofType("job_completed");
      expect(end).toMatchObject({ status: "completed", results: { sent: 300, failed: 0, total: 300 } });
      // One frame for each message from there on, none twice.
      const counted = late.frames
        .filter(({ type }) => type === "progress")
        .map((frame) => (frame["progress"] as { sent: number }).sent);
      expect(counted).toEqual(Array.from({ length: 300 - sent }, (_, n) => sent + 1 + n));
    }
    await using later = platform.socket("/ws");
    await later.ofType("connected");
    later.send({ type: "subscribe_job", job_id: job.id });
    expect(await later.ofType("job_completed")).toMatchObject({ job_id: job.id, results: { sent: 300 } });
  },
);

test("what failed is tried again when asked to, and only that", { timeout: 60_000 }, async () => {
  const { client, sandbox } = platform;
  const phones = numbers(40, 34_555_600_001);
  await sandbox.faults({ unregistered: phones.slice(0, 3) });
  const { job } = await client.bulk.send({ message: "Hola", phones });
  for await (const frame of client.followJob(job.id)) expect(frame.job_id).toBe(job.id);
  expect((await client.jobs.get(job.id)).progress).toMatchObject({ sent: 37, failed: 3 });
  const failed = await client.jobs.messages(job.id, { state: "failed" });
  expect(failed.items.map(({ phone, error_code }) => [phone, error_code])).toEqual(
    phones.slice(0, 3).map((phone) => [phone, "not_on_whatsapp"]),
  );
  await expect(client.jobs.cancel(job.id)).rejects.toMatchObject({ status: 409 });

  await sandbox.faults({ unregistered: [] });
  expect(await client.jobs.retryFailed(job.id)).toMatchObject({ retried: 3 });
  await until(async () => (await client.jobs.get(job.id)).status === "completed", 20_000);
  expect((await client.jobs.get(job.id)).progress).toMatchObject({ sent: 40, failed: 0 });
  expect(sorted(await platform.arrivals())).toEqual(sorted(onceEach(phones)));
});
