import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import {
  acquireDevices,
  applyOutcomes,
  claimMessages,
  confirmClaims,
  heartbeat,
  openDatabase,
  pauseJobFor,
  putAside,
  readAutoPause,
  readFleetShare,
  readNextWork,
  readOpenClaims,
  registerWorker,
  releaseLease,
  renewLeases,
  stopWorker,
  suppressPhone,
  type ClaimedMessage,
  type DeviceKind,
  type LeasedDevice,
} from "@pregonero/db";
import { EventBus, TurnQueues } from "@pregonero/queue";
import {
  Closer,
  createLogger,
  createMetrics,
  monotonicMs,
  startHealthServer,
  type RunningApp,
} from "@pregonero/runtime";
import type { SendFailure } from "./channels/channel.ts";
import { BrowserFleet } from "./browser/browser-fleet.ts";
import { WhatsAppWebChannel } from "./channels/whatsapp-web/whatsapp-web-channel.ts";
import { DeviceBooks } from "./devices/device-books.ts";
import { DeviceCommands } from "./devices/device-commands.ts";
import { DeviceManager } from "./devices/device-manager.ts";
import { DeviceRuntime } from "./devices/device-runtime.ts";
import type { Lease } from "./devices/lease.ts";
import { WorkerLife } from "./devices/worker-life.ts";
import { Announcer } from "./dispatch/announcer.ts";
import { FailureWatch } from "./dispatch/failure-watch.ts";
import { OutcomeWriter } from "./dispatch/outcome-writer.ts";
import { DevicePace } from "./dispatch/pace.ts";
import { workerVersion, type WorkerEnv } from "./env.ts";
import { ContextBooks } from "./fleet/context-books.ts";
import { Reconciler } from "./reconciler/reconciler.ts";

const kinds: readonly DeviceKind[] = ["whatsapp_web"];

/** Builds a worker from its parts and starts it; what is opened here is closed in reverse. */
export async function startWorker(env: WorkerEnv): Promise<RunningApp & { readonly healthPort: number }> {
  const workerId = randomUUID();
  const root = createLogger({ service: "worker", level: env.LOG_LEVEL, file: env.LOG_FILE });
  const log = root.child({ worker: env.workerName });
  const closer = new Closer({ logger: log });
  try {
    const metrics = createMetrics("worker");
    const db = openDatabase({
      url: env.DATABASE_URL,
      name: `pregonero-worker-${env.workerName}`,
      onError: (error) => log.warn("a database connection was lost", { error }),
    });
    closer.add("database", () => db.close());
    const bus = new EventBus({ url: env.redisUrl, prefix: env.REDIS_PREFIX, name: "worker" });
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

    const announcer = new Announcer(db, bus);
    const messagesMoved = metrics.counter({
      name: "pregonero_messages_moved_total",
      help: "Messages by the state that they moved to",
      labelNames: ["state"],
    });
    const pauseJob = async (jobId: string, reason: string): Promise<void> => {
      if (await pauseJobFor(db, jobId, reason)) await announcer.owed();
    };
    const failures = new FailureWatch({
      readAutoPause: (jobId) => readAutoPause(db, jobId),
      pause: pauseJob,
      now: monotonicMs,
    });
    const moved: Announcer["moved"] = async (messages) => {
      for (const message of messages) messagesMoved.inc({ state: message.to });
      await announcer.moved(messages);
      await failures.moved(messages);
    };
    const refused = (message: ClaimedMessage, failure: SendFailure): void => {
      const heeded =
        failure.code === "opted_out"
          ? suppressPhone(db, message.tenantId, message.phone, "told by the provider")
          : failure.code === "template_rejected"
            ? pauseJob(message.jobId, `the provider refuses the template: ${failure.detail}`)
            : Promise.resolve();
      heeded.catch((error: unknown) =>
        log.warn("a refusal could not be heeded", { code: failure.code, error }),
      );
    };
    const writer = new OutcomeWriter({ apply: (outcomes) => applyOutcomes(db, outcomes), moved, log });
    closer.add("outcomes", () => writer.close(10_000));

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

    const openRuntime = (device: LeasedDevice, lease: Lease): DeviceRuntime => {
      const deviceLog = log.child({ device: device.id });
      return new DeviceRuntime({
        device,
        lease,
        openChannel: (listener) =>
          new WhatsAppWebChannel({
            fleet,
            deviceId: device.id,
            url: device.url ?? env.PUPPETEER_WHATSAPP_URL,
            listener,
            timeouts: { sendMs: env.SEND_TIMEOUT_MS },
            log: deviceLog,
          }),
        books: new DeviceBooks({ db, bus, device, log: deviceLog }),
        store: {
          claim: (request) => claimMessages(db, request),
          confirm: (ids) => confirmClaims(db, ids),
          readOpenClaims: (deviceId) => readOpenClaims(db, deviceId),
        },
        writer,
        pace: new DevicePace({
          stored: device.pacing,
          careful: new URL(device.url ?? env.PUPPETEER_WHATSAPP_URL).hostname.endsWith("whatsapp.com"),
          linkedAt: device.linkedAt,
        }),
        turns,
        putAside: (forMs, reason) => putAside(db, { deviceId: device.id, epoch: lease.epoch }, forMs, reason),
        refused,
        log: deviceLog,
        turnMs: env.TURN_MS,
        settleMs: env.SETTLE_MS,
        ackTimeoutMs: env.ACK_TIMEOUT_MS,
        drainMs: env.SHUTDOWN_MS / 2,
      });
    };
    const manager = new DeviceManager({
      workerId,
      leases: {
        acquire: (limit, leaseMs) => acquireDevices(db, { workerId, kinds, limit, leaseMs }),
        renew: (leases, leaseMs) => renewLeases(db, { workerId, leases, leaseMs }),
        release: (lease) => releaseLease(db, { workerId, ...lease }),
        share: () => readFleetShare(db, kinds, env.LEASE_MS),
      },
      openRuntime,
      capacity: env.MAX_BROWSER_CONTEXTS,
      leaseMs: env.LEASE_MS,
      log,
    });
    const commands = new DeviceCommands({ db, runtimes: () => manager.runtimes, log });
    closer.add("commands", () => commands.close());
    const life = new WorkerLife({
      manager,
      commands,
      nextWork: (deviceIds) => readNextWork(db, deviceIds),
      heartbeat: (state) => heartbeat(db, { id: workerId, ...state }),
      bus,
      log,
    });
    const reconciler = new Reconciler({
      db,
      moved,
      announceOwed: () => announcer.owed(),
      log,
      everyMs: 1_000,
      settleMs: env.SETTLE_MS,
      silentMs: env.LEASE_MS,
      linkTimeoutMs: env.LINK_TIMEOUT_MS,
    });
    reconciler.start();
    closer.add("reconciler", () => reconciler.close());
    manager.start();
    closer.add("devices", () => manager.stop(), { timeoutMs: env.SHUTDOWN_MS + 10_000 });
    life.start();
    closer.add("life", () => life.close());

    const health = await startHealthServer({
      host: env.HEALTH_HOST,
      port: env.HEALTH_PORT,
      registry: metrics.registry,
      ready: async () => {
        const database = await db.pool.query("SELECT 1").then(
          () => true,
          () => false,
        );
        return {
          ok: database,
          checks: { database: database ? "ok" : "down", redis: bus.ready ? "ok" : "down" },
        };
      },
    });
    closer.add("health", () => health.close());
    log.info("worker ready", { id: workerId, health: health.port });
    return { close: () => closer.close(), logger: log, healthPort: health.port };
  } catch (error) {
    await closer.close();
    throw error;
  }
}
