import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { busChannel, scrapingQueueName, type BusEvent } from "@pregonero/contracts";
import { EventBus } from "@pregonero/queue";
import { Queue } from "bullmq";
import { cancelScrapingJob, cancelScrapingSteps } from "@pregonero/db";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { processesNaming, until } from "../browser/fleet-harness.ts";
import { ScrapingSystem } from "./scraping-system.ts";

const plainDomains = (count: number) => Array.from({ length: count }, (_, n) => `site-${n + 1}.sandbox.test`);

describe("jobs over two workers", () => {
  let system: ScrapingSystem;
  beforeAll(async () => {
    system = await ScrapingSystem.start(2);
  }, 60_000);
  afterAll(async () => {
    await system[Symbol.asyncDispose]();
  });

  test(
    "50 domains become 50 reports though a worker is killed, and no finished step is visited again",
    { timeout: 120_000 },
    async () => {
      const { db, sites } = system;
      const before = await sites.visits();
      const id = await system.job(plainDomains(50), { concurrency: 6, screenshot: false });
      await system.untilJob(id, (job) => job.completed >= 10 && job.running >= 4);
      const [victim] = system.workers;
      victim?.kill("SIGKILL");
      // What was finished by then, and what was under way in both workers.
      const done = (await system.steps(id)).filter((step) => step.status === "completed");
      await system.untilJob(id, (job) => job.status === "completed");
      const after = await sites.visits();
      const reports = await db.prisma.report.findMany({ where: { jobId: id } });
      expect(reports).toHaveLength(50);
      expect(new Set(reports.map((report) => report.domain)).size).toBe(50);
      const visits = (name: string) => (after[name]?.documents ?? 0) - (before[name]?.documents ?? 0);
      for (const step of done) expect(visits(step.name), step.name).toBe(1);
      // Those that the killed worker had in hand were visited again, and nothing else was.
      const again = plainDomains(50).filter((name) => visits(name) > 1);
      expect(again.length).toBeLessThanOrEqual(3);
      const lost = (await system.steps(id)).filter((step) => step.losses > 0);
      expect(lost.length).toBeGreaterThan(0);
      expect(lost.every((step) => step.attempts === 1 && step.status === "completed")).toBe(true);
      await system.addWorker();
    },
  );

  test(
    "each way to fail has its reason, and only what may pass is tried again",
    { timeout: 90_000 },
    async () => {
      const names = [
        "flaky",
        "failing",
        "missing",
        "forbidden",
        "selfsigned",
        "loop",
        "robots",
        "private",
        "download",
      ];
      const domains = [...names.map((name) => `${name}.sandbox.test`), "nowhere.invalid"];
      const id = await system.job(domains, { max_retries: 1, concurrency: 6 });
      await system.untilJob(id, (job) => job.status === "completed");
      const steps = await system.steps(id);
      const told = Object.fromEntries(
        steps.map((step) => [step.name.split(".")[0], [step.status, step.errorCode, step.attempts]]),
      );
      expect(told).toEqual({
        flaky: ["completed", null, 2],
        failing: ["failed", "http", 2],
        missing: ["failed", "http", 1],
        forbidden: ["failed", "blocked", 1],
        selfsigned: ["failed", "tls", 1],
        loop: ["failed", "redirect_loop", 1],
        robots: ["skipped", "robots", 1],
        private: ["failed", "private_address", 1],
        download: ["failed", "download", 1],
        nowhere: ["failed", "dns", 2],
      });
      expect(await system.jobRow(id)).toMatchObject({ completed: 1, failed: 8, skipped: 1, running: 0 });
    },
  );

  test("cancelling ends visits that are under way within a second", { timeout: 60_000 }, async () => {
    const { db, tenantId } = system;
    const id = await system.job(
      Array.from({ length: 8 }, (_, n) => `silent.sandbox.test:${8_000 + n}`),
      { concurrency: 4, timeout_ms: 60_000, respect_robots: false },
    );
    const open = async () => (await system.sites.visits())["silent.sandbox.test"]?.open ?? 0;
    await until(async () => (await open()) === 4);
    const cancelledAtMs = performance.now();
    await cancelScrapingJob(db.pool, { tenantId, id }, "cancelled by test");
    await cancelScrapingSteps(db, id, 100);
    await until(async () => (await open()) === 0);
    expect(performance.now() - cancelledAtMs).toBeLessThan(1_000);
    expect(await system.jobRow(id)).toMatchObject({ status: "cancelled", cancelled: 8, running: 0 });
    // The slots are free for others.
    const next = await system.job(plainDomains(2));
    await system.untilJob(next, (job) => job.status === "completed");
  });

  test(
    "a job goes on after Redis has forgotten everything, and tells how it goes",
    { timeout: 60_000 },
    async () => {
      const bus = new EventBus({ url: inject("redisUrl"), prefix: system.redisPrefix, name: "test" });
      const queue = new Queue(scrapingQueueName, {
        connection: { url: inject("redisUrl") },
        prefix: system.redisPrefix,
      });
      const events: BusEvent[] = [];
      try {
        const id = await system.job(plainDomains(12));
        bus.subscribe(busChannel.job(id), (event) => events.push(event));
        await system.untilJob(id, (job) => job.completed >= 2);
        await queue.obliterate({ force: true });
        await system.untilJob(id, (job) => job.status === "completed");
        await until(async () =>
          events.some((event) => event.type === "scraping_job" && event.job.status === "completed"),
        );
        const steps = events.filter((event) => event.type === "scraping_step");
        expect(steps.length).toBeGreaterThan(5);
        const figures = steps.map((event) => event.job.completed);
        expect(figures).toEqual(figures.toSorted((a, b) => a - b));
      } finally {
        await queue.close();
        await bus.close();
      }
    },
  );

  test("workers that end leave no Chromium and no folder behind", { timeout: 60_000 }, async () => {
    const id = await system.job(plainDomains(4));
    await system.untilJob(id, (job) => job.status === "completed");
    expect((await processesNaming(system.dir)).length).toBeGreaterThan(0);
    await Promise.all(system.workers.map((worker) => worker.close()));
    await until(async () => (await processesNaming(system.dir)).length === 0);
    const left = (await readdir(system.dir)).filter((name) => name.startsWith("pregonero-scraping-"));
    // Of the worker that was killed, the next start on the machine clears away.
    expect(left).toEqual([]);
    expect(await readdir(join(system.dir, "blobs", "tenant", String(system.tenantId)))).toEqual([
      "screenshots",
    ]);
  });
});
