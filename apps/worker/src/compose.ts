import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { ChatNews, ReceiveDesk } from "@pregonero/chat";
import { busChannel } from "@pregonero/contracts";
import {
  heartbeat,
  openDatabase,
  openKeyring,
  readCredentials,
  readNextWork,
  registerWorker,
  stopWorker,
  writePlatformLimits,
} from "@pregonero/db";
import { EventBus, TurnQueues } from "@pregonero/queue";
import { Closer, createLogger, createMetrics, type RunningApp } from "@pregonero/runtime";
import { openBlobStore } from "@pregonero/storage";
import { BrowserFleet } from "./browser/browser-fleet.ts";
import { composeDevices } from "./compose-devices.ts";
import { composeOutcomes } from "./compose-outcomes.ts";
import { composeScraping } from "./compose-scraping.ts";
import { DeviceCommands } from "./devices/device-commands.ts";
import { WorkerLife } from "./devices/worker-life.ts";
import { workerVersion, type WorkerEnv } from "./env.ts";
import { ContextBooks } from "./fleet/context-books.ts";
import { openHealth } from "./fleet/health.ts";
import { Exporter } from "./exports/exporter.ts";
import { printPdf } from "./exports/pdf-printer.ts";
import { composeNotifications } from "./notifications/compose-notifications.ts";
import { Reconciler } from "./reconciler/reconciler.ts";
import { Scheduler } from "./schedules/scheduler.ts";
import { ScrapingNews } from "./scraping/work/scraping-news.ts";
import { openWebhookDeliverer } from "./webhooks/compose-webhooks.ts";

/** Queries of a worker take milliseconds, the longest of the reconciler's a second or two. */
const longestQueryMs = 30_000;

/** Builds a worker from its parts and starts it; what is opened here is closed in reverse. */
export async function startWorker(env: WorkerEnv): Promise<RunningApp> {
  const workerId = randomUUID();
  const root = createLogger({
    service: "worker",
    level: env.LOG_LEVEL,
    file: env.LOG_FILE === "off" ? null : env.LOG_FILE,
  });
  const log = root.child({ worker: env.workerName });
  const closer = new Closer({ logger: log });
  closer.add("log", () => root.close());
  try {
    const metrics = createMetrics("worker");
    const db = openDatabase({
      url: env.DATABASE_URL,
      name: `pregonero-worker-${env.workerName}`,
      queryTimeoutMs: longestQueryMs,
      onError: (error) => log.warn("a database connection was lost", { error }),
    });
    closer.add("database", () => db.close());
    const bus = new EventBus({
      url: env.redisUrl,
      prefix: env.REDIS_PREFIX,
      name: "worker",
      history: { events: env.REALTIME_HISTORY_EVENTS, forMs: env.REALTIME_HISTORY_MS },
    });
    closer.add("bus", () => bus.close());
    const turns = new TurnQueues({
      url: env.redisUrl,
      prefix: env.REDIS_PREFIX,
      turnMs: env.TURN_MS,
      onError: (error) => log.warn("queue", { error }),
    });
    closer.add("queues", () => turns.close());
    await registerWorker(db, {
      id: workerId,
      name: env.workerName,
      host: hostname(),
      pid: process.pid,
      version: workerVersion,
      slots: env.MAX_BROWSER_CONTEXTS,
    });
    closer.add("worker row", () => stopWorker(db, workerId));

    await writePlatformLimits(db, {
      maxRunningJobs: env.MAX_RUNNING_JOBS || null,
      maxRunningJobsPerTenant: env.MAX_RUNNING_JOBS_PER_TENANT || null,
    });

    const news = new ChatNews({ db, bus, log });
    closer.add("news of conversations", () => news.close());
    const blobs = openBlobStore(env);
    closer.add("blobs", () => blobs.close());
    const outcomes = composeOutcomes({ db, bus, chat: news, metrics, log });
    closer.add("outcomes", () => outcomes.writer.close(10_000));
    const contexts = new ContextBooks({ db, workerId, log });
    closer.add("context rows", () => contexts.close());
    const fleet = await BrowserFleet.launch({
      sessionsDir: env.SESSIONS_DIR,
      ...(env.PUPPETEER_EXECUTABLE_PATH ? { executablePath: env.PUPPETEER_EXECUTABLE_PATH } : {}),
      headless: env.PUPPETEER_HEADLESS,
      slots: env.MAX_BROWSER_CONTEXTS,
      launchTimeoutMs: 30_000,
      defaultTimeoutMs: env.PUPPETEER_DEFAULT_TIMEOUT,
      navigationTimeoutMs: env.PUPPETEER_NAVIGATION_TIMEOUT,
      startStaggerMs: env.BROWSER_START_STAGGER_MS,
      log,
      reporter: contexts,
    });
    closer.add("browsers", () => fleet.close(), { timeoutMs: env.SHUTDOWN_MS });

    const keyring = env.CREDENTIALS_KEY ? openKeyring(env.CREDENTIALS_KEY, env.CREDENTIALS_KEYS_OLD) : null;
    const desk = new ReceiveDesk({
      db,
      news,
      // Also when the device is another worker's by now.
      wake: (deviceId) => void bus.publish(busChannel.workers(), { type: "wake", deviceId }),
    });
    const devices = composeDevices({
      env,
      workerId,
      db,
      bus,
      turns,
      outcomes,
      fleet,
      chat: { db, blobs, news, desk },
      readCredentials: async (deviceId) =>
        keyring === null ? null : await readCredentials(db, deviceId, keyring),
      log,
    });
    const commands = new DeviceCommands({ db, runtimes: () => devices.runtimes, log });
    closer.add("commands", () => commands.close());
    const scrapingNews = new ScrapingNews({ db, bus });
    await composeScraping({ env, workerId, db, bus, news: scrapingNews, metrics, log, closer });
    const reconciler = new Reconciler({
      db,
      scrapingNews,
      moved: outcomes.moved,
      announceOwed: () => outcomes.announcer.owed(),
      log,
      everyMs: 1_000,
      settleMs: env.SETTLE_MS,
      silentMs: env.LEASE_MS,
      linkTimeoutMs: env.LINK_TIMEOUT_MS,
      webhookRetentionMs: env.WEBHOOK_RETENTION_DAYS * 86_400_000,
    });
    reconciler.start();
    closer.add("reconciler", () => reconciler.close());
    const scheduler = new Scheduler({ db, log, everyMs: 1_000, graceMs: env.SCHEDULE_GRACE_MS });
    scheduler.start();
    closer.add("scheduler", () => scheduler.close());
    // A worker without browsers of its own leaves printing to others.
    if (env.MAX_BROWSER_CONTEXTS > 0 || env.MAX_SCRAPING_CONTEXTS > 0) {
      const browser = {
        ...(env.PUPPETEER_EXECUTABLE_PATH ? { executablePath: env.PUPPETEER_EXECUTABLE_PATH } : {}),
        headless: true,
        timeoutMs: 60_000,
      };
      const exporter = new Exporter({
        db,
        blobs,
        print: (html, use) => printPdf(html, browser, use),
        log,
        everyMs: 1_000,
        leaseMs: 5 * 60_000,
      });
      exporter.start();
      closer.add("exports", () => exporter.close(), { timeoutMs: 60_000 });
    }
    composeNotifications({ env, db, key: keyring?.current.key ?? null, log, closer });
    devices.start();
    closer.add("devices", () => devices.stop(), { timeoutMs: env.SHUTDOWN_MS + 10_000 });
    if (keyring !== null && env.WEBHOOK_CONCURRENCY > 0) {
      const webhooks = openWebhookDeliverer({ env, workerId, db, keyring, metrics, log });
      closer.add("webhooks", () => webhooks.close(), { timeoutMs: env.WEBHOOK_TIMEOUT_MS + 5_000 });
    }
    const life = new WorkerLife({
      devices,
      commands,
      nextWork: (deviceIds) => readNextWork(db, deviceIds),
      heartbeat: (state) => heartbeat(db, { id: workerId, ...state }),
      bus,
      log,
    });
    life.start();
    closer.add("life", () => life.close());
    const health = await openHealth(env, { db, bus, registry: metrics.registry });
    closer.add("health", () => health.close());
    log.info("worker ready", { id: workerId, health: health.port });
    return { close: () => closer.close(), logger: log };
  } catch (error) {
    await closer.close();
    throw error;
  }
}
