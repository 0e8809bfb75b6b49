import { ChatNews, ReceiveDesk } from "@pregonero/chat";
import {
  listDevices,
  openDatabase,
  readActiveJobs,
  readDeviceStates,
  readTenantStats,
  type Database,
} from "@pregonero/db";
import { EventBus, RequestLimiter, ScrapingQueue, TurnQueues } from "@pregonero/queue";
import { Closer, createLogger, createMetrics, OperatorError, type Logger } from "@pregonero/runtime";
import { openBlobStore } from "@pregonero/storage";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createApp } from "./app.ts";
import { createAuthenticator, createJwtReader, createLocalGuard } from "./auth/index.ts";
import { Background } from "./background.ts";
import { createDashboard, readBuiltDashboard } from "./dashboard/index.ts";
import { apiVersion, type ApiEnv } from "./env.ts";
import { Announcer } from "./events/announcer.ts";
import { createDocs } from "./http/docs.ts";
import { createHealth } from "./http/health.ts";
import { listen, stopListening } from "./http/listen.ts";
import { createApiMetrics } from "./http/metrics.ts";
import { openApiDocument } from "./http/openapi.ts";
import { requestLimits, type RequestLimits } from "./http/request-limits.ts";
import { createRouter, type RouterOptions } from "./http/router.ts";
import type { Route } from "./http/route.ts";
import { createQueueBoard } from "./queue-board/index.ts";
import { asyncApiDocument, openRealtime } from "./realtime/index.ts";
import { createRoutes } from "./routes.ts";
import { readAnyProgress, withScrapingAsSends } from "./scraping/as-sends.ts";
import { ScrapingAnnouncer } from "./scraping/scraping-announcer.ts";
import { openWebhooks } from "./webhooks/index.ts";

export interface Api {
  readonly url: string;
  readonly routes: readonly Route[];
  readonly logger: Logger;
  close(): Promise<void>;
}

/** Opens everything the API needs and starts it. What was opened is closed in reverse, also when the start fails. */
export async function startApi(env: ApiEnv, options: Pick<RouterOptions, "inspectReply"> = {}): Promise<Api> {
  const logger = createLogger({
    service: "api",
    level: env.LOG_LEVEL,
    file: env.LOG_FILE === "off" ? null : env.LOG_FILE,
  });
  const closer = new Closer({ logger });
  try {
    return await open(env, { logger, closer, options });
  } catch (error) {
    await closer.close();
    await logger.close();
    throw error;
  }
}

/** More queues than that nobody looks at on one page. */
const boardDevices = 500;

interface Base {
  readonly logger: ReturnType<typeof createLogger>;
  readonly closer: Closer;
  readonly options: Pick<RouterOptions, "inspectReply">;
}

async function open(env: ApiEnv, { logger, closer, options }: Base): Promise<Api> {
  const metrics = createMetrics("api");
  const apiMetrics = createApiMetrics(metrics);
  const db = openPostgres(env, logger, closer);
  const { bus, queues, scrapingQueue } = openRedis(env, logger, closer);
  const background = new Background(logger);
  closer.add("background work", () => background.drain());
  const uploadDir = await openUploadDir(env, closer);

  const openGuard = env.AUTH === "open" ? createLocalGuard(env.CORS_ORIGINS) : null;
  const readJwt = createJwtReader({ secret: env.JWT_SECRET, jwksUrl: env.JWKS_URL });
  const authenticator = createAuthenticator({ db, readJwt, open: openGuard });
  const news = new ChatNews({ db, bus, log: logger });
  closer.add("news of conversations", () => news.close());
  const blobs = openBlobStore(env);
  closer.add("blobs", () => blobs.close());
  const announcer = new Announcer({ db, bus, queues, background, chat: news });
  const scrapingAnnouncer = new ScrapingAnnouncer({ db, bus, queue: scrapingQueue, background });
  const inbound = new ReceiveDesk({ db, news, wake: (deviceId) => announcer.deviceNeedsLook(deviceId) });
  const realtime = openRealtime({
    authenticate: (request) => authenticator.authenticate(request),
    authenticateToken: (token) => authenticator.authenticateToken(token),
    readProgress: (ids) => readAnyProgress(db, ids),
    readActiveJobs: (tenantIds, limit) => readActiveJobs(db, tenantIds, limit),
    readDevices: (tenantIds) => readDeviceStates(db, tenantIds),
    readStats: (tenantId) => readTenantStats(db.pool, tenantId),
    bus: withScrapingAsSends(bus),
    log: logger,
    metrics,
    options: {
      allowedOrigins: env.CORS_ORIGINS,
      maxConnections: env.REALTIME_MAX_CONNECTIONS,
      maxConnectionsPerTenant: env.REALTIME_MAX_CONNECTIONS_PER_TENANT,
      compressAboveBytes: env.REALTIME_COMPRESS_ABOVE,
    },
  });
  closer.add("real time", () => realtime.close());
  const routes = createRoutes({
    env,
    db,
    queues,
    announcer,
    scrapingAnnouncer,
    metrics: apiMetrics,
    uploadDir,
    news,
    blobs,
    redisReady: () => bus.ready,
    realtime,
  });

  const dashboard = env.DASHBOARD_DIR === "off" ? null : await readBuiltDashboard(env.DASHBOARD_DIR);
  if (!dashboard) logger.info("no dashboard is served", { folder: env.DASHBOARD_DIR });

  const app = createApp({
    log: logger,
    metrics: apiMetrics,
    registry: metrics.registry,
    openGuard,
    corsOrigins: env.CORS_ORIGINS,
    trustProxy: trustProxyOf(env.TRUST_PROXY),
    routers: [
      createHealth(
        { postgres: () => db.pool.query("SELECT 1"), redis: () => bus.ready },
        metrics.registry,
        env.METRICS_TOKEN,
      ),
      ...(dashboard ? [createDashboard(dashboard)] : []),
      openWebhooks({ db, announcer, inbound, keyring: env.keyring, log: logger, closer }),
      createQueueBoard({
        authenticator,
        queues,
        devicesOf: async (tenantId) => (await listDevices(db, tenantId, { limit: boardDevices })).items,
      }),
      createDocs({
        openApi: openApiDocument(routes, { version: apiVersion }),
        asyncApi: asyncApiDocument({ version: apiVersion }),
      }),
      createRouter(routes, { authenticator, limits: openRequestLimits(env, closer), ...options }),
    ],
  });
  const server = createServer(app);
  const port = await listen(server, { host: env.HOST, port: env.PORT }).catch((error: unknown) => {
    throw new OperatorError(`${env.HOST}:${env.PORT} cannot be listened on: ${String(error)}`);
  });
  closer.add("HTTP server", () => stopListening(server, env.SHUTDOWN_MS), {
    timeoutMs: env.SHUTDOWN_MS + 5_000,
  });
  realtime.attach(server);
  // Before the server, which waits for open sockets.
  closer.add("WebSockets", () => realtime.close());

  const url = `http://${env.HOST.includes(":") ? `[${env.HOST}]` : env.HOST}:${port}`;
  logger.info("listening", { url, auth: env.AUTH });
  return { url, routes, logger, close: () => closeAll(closer, logger) };
}

/** The logger last: everything that closes may have something to say. */
async function closeAll(closer: Closer, logger: Base["logger"]): Promise<void> {
  await closer.close();
  logger.info("closed");
  await logger.close();
}

function openPostgres(env: ApiEnv, log: Logger, closer: Closer): Database {
  const db = openDatabase({
    url: env.DATABASE_URL,
    name: "pregonero-api",
    maxConnections: env.DATABASE_POOL,
    onError: (error) => log.warn("an idle database connection was lost", { error }),
  });
  closer.add("Postgres", () => db.close());
  return db;
}

interface RedisParts {
  readonly bus: EventBus;
  readonly queues: TurnQueues;
  readonly scrapingQueue: ScrapingQueue;
}

function openRedis(env: ApiEnv, log: Logger, closer: Closer): RedisParts {
  const bus = new EventBus({
    url: env.redisUrl,
    prefix: env.REDIS_PREFIX,
    name: "pregonero-api",
    history: { events: env.REALTIME_HISTORY_EVENTS, forMs: env.REALTIME_HISTORY_MS },
    onInvalid: (channel, error) => log.warn("an event was not understood", { channel, error }),
  });
  closer.add("event bus", () => bus.close());
  // The API never runs turns, so their length does not matter to it.
  const options = {
    url: env.redisUrl,
    prefix: env.REDIS_PREFIX,
    turnMs: 0,
    onError: (error: Error) => log.debug("queue connection failed", { error }),
  };
  const queues = new TurnQueues(options);
  closer.add("queues", () => queues.close());
  const scrapingQueue = new ScrapingQueue(options);
  closer.add("scraping queue", () => scrapingQueue.close());
  return { bus, queues, scrapingQueue };
}

function openRequestLimits(env: ApiEnv, closer: Closer): RequestLimits {
  const limiter = new RequestLimiter({
    url: env.redisUrl,
    prefix: env.REDIS_PREFIX,
    name: "pregonero-api:requests",
  });
  closer.add("request limits", () => limiter.close());
  return requestLimits(limiter, {
    perCaller: env.REQUESTS_PER_MINUTE,
    perTenant: env.TENANT_REQUESTS_PER_MINUTE,
  });
}

async function openUploadDir(env: ApiEnv, closer: Closer): Promise<string> {
  const dir = await mkdtemp(join(env.UPLOAD_DIR ?? tmpdir(), "pregonero-uploads-"));
  closer.add("uploads", () => rm(dir, { recursive: true, force: true }));
  return dir;
}

function trustProxyOf(setting: string | undefined): string | number | undefined {
  return setting !== undefined && /^\d+$/.test(setting) ? Number(setting) : setting;
}
