import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { scrapingConfigSchema, type ScrapingConfig } from "@pregonero/contracts";
import { insertScrapingJob, openDatabase, transaction, type Database } from "@pregonero/db";
import { cloneDatabase, makeTenant } from "@pregonero/db/testing";
import { readSite } from "@pregonero/domain";
import { freePort, startProcess, type AppProcess } from "@pregonero/local-stack";
import { inject } from "vitest";
import { sampleSitesKey, startSampleSites, type SampleSites } from "./sample-sites.ts";

/** Sample websites and workers that visit them, as processes of their own on a database of their own. */
export class ScrapingSystem implements AsyncDisposable {
  readonly workers: AppProcess[] = [];
  readonly redisPrefix = `test-${crypto.randomUUID()}`;
  readonly db: Database;
  readonly sites: SampleSites;
  readonly tenantId: number;
  /** Where workers keep everything that they write. */
  readonly dir: string;
  readonly #databaseUrl: string;
  readonly #drop: () => Promise<void>;

  private constructor(parts: {
    db: Database;
    sites: SampleSites;
    tenantId: number;
    dir: string;
    databaseUrl: string;
    drop: () => Promise<void>;
  }) {
    this.db = parts.db;
    this.sites = parts.sites;
    this.tenantId = parts.tenantId;
    this.dir = parts.dir;
    this.#databaseUrl = parts.databaseUrl;
    this.#drop = parts.drop;
  }

  static async start(workers: number): Promise<ScrapingSystem> {
    const clone = await cloneDatabase(inject("databaseAdminUrl"), inject("templateDatabase"));
    const db = openDatabase({ url: clone.url, name: "test" });
    const tenantId = await makeTenant(db);
    const dir = await mkdtemp(join(tmpdir(), "pregonero-scraping-test-"));
    const sites = await startSampleSites();
    const system = new ScrapingSystem({
      db,
      sites,
      tenantId,
      dir,
      databaseUrl: clone.url,
      drop: () => clone.drop(),
    });
    try {
      await Promise.all(Array.from({ length: workers }, () => system.addWorker()));
    } catch (error) {
      await system[Symbol.asyncDispose]();
      throw error;
    }
    return system;
  }

  async addWorker(): Promise<AppProcess> {
    const healthPort = await freePort();
    const name = `worker-${this.workers.length + 1}`;
    const worker = await startProcess({
      name,
      entry: "apps/worker",
      env: {
        DATABASE_URL: this.#databaseUrl,
        REDIS_URL: inject("redisUrl"),
        REDIS_PREFIX: this.redisPrefix,
        PUPPETEER_EXECUTABLE_PATH: inject("chromiumPath"),
        SESSIONS_DIR: this.dir,
        BLOB_DIR: join(this.dir, "blobs"),
        HEALTH_PORT: String(healthPort),
        LEASE_MS: "3000",
        LOG_FILE: join(this.dir, `${name}.log`),
        WORKER_NAME: name,
        MAX_BROWSER_CONTEXTS: "0",
        MAX_HTTP_DEVICES: "0",
        MAX_SCRAPING_CONTEXTS: "3",
        SCRAPING_HOST_MAP: this.sites.hostMap,
        SCRAPING_TRUSTED_KEYS: sampleSitesKey,
        // What each browser keeps while it runs.
        TMPDIR: this.dir,
      },
      ready: { url: `http://127.0.0.1:${healthPort}/readyz` },
    });
    this.workers.push(worker);
    return worker;
  }

  async job(domains: readonly string[], config: Partial<ScrapingConfig> = {}): Promise<string> {
    const steps = domains.map((domain) => {
      const read = readSite(domain);
      if (!read.ok) throw new Error(read.reason);
      return read.site;
    });
    const job = await transaction(this.db, (tx) =>
      insertScrapingJob(
        tx,
        { tenantId: this.tenantId, actor: "test" },
        {
          name: "test",
          description: null,
          config: scrapingConfigSchema.parse({
            interval_ms: 0,
            timeout_ms: 15_000,
            retry_delay_ms: 50,
            ...config,
          }),
          priority: 5,
          steps,
        },
      ),
    );
    return job.id;
  }

  async jobRow(id: string) {
    return await this.db.prisma.scrapingJob.findUniqueOrThrow({ where: { id } });
  }

  async steps(jobId: string) {
    return await this.db.prisma.scrapingStep.findMany({ where: { jobId }, orderBy: { stepNumber: "asc" } });
  }

  async untilJob(
    id: string,
    holds: (job: Awaited<ReturnType<ScrapingSystem["jobRow"]>>) => boolean,
    withinMs = 60_000,
  ): Promise<void> {
    const untilMs = performance.now() + withinMs;
    for (;;) {
      const job = await this.jobRow(id);
      if (holds(job)) return;
      if (performance.now() > untilMs)
        throw new Error(`did not hold: ${JSON.stringify(job)}\n${this.#said()}`);
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }

  #said(): string {
    return this.workers.map((worker) => worker.output().split("\n").slice(-12).join("\n")).join("\n\n");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.close()));
    await this.sites[Symbol.asyncDispose]();
    await this.db.close();
    await this.#drop();
    await rm(this.dir, { recursive: true, force: true });
  }
}
