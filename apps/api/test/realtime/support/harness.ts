import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import {
  openDatabase,
  readActiveJobs,
  readDeviceStates,
  readJobProgress,
  readTenantStats,
  type Database,
} from "@pregonero/db";
import { cloneDatabase } from "@pregonero/db/testing";
import { connectRedis, EventBus } from "@pregonero/queue";
import { Closer, createLogger, createMetrics, type Metrics } from "@pregonero/runtime";
import { inject } from "vitest";
import "../../../../../infra/test/provided-context.ts";
import { openRealtime, type RealtimeDeps, type RealtimeOptions } from "../../../src/realtime/index.ts";
import { FrameClient } from "./frame-client.ts";
import { Sender } from "./sender.ts";

type Principal = NonNullable<Awaited<ReturnType<RealtimeDeps["authenticateToken"]>>>;

export interface HarnessOptions {
  readonly redisUrl?: string;
  /** How many events of a stream are kept. */
  readonly historyEvents?: number;
  readonly options?: Partial<RealtimeOptions>;
  /** Run before and after a row is read, while the reader waits. */
  readonly aroundRead?: {
    before?: (jobId: string) => Promise<void>;
    after?: (jobId: string) => Promise<void>;
  };
  /** In place of the table of tokens. */
  readonly authenticateToken?: RealtimeDeps["authenticateToken"];
}

export interface Harness {
  readonly db: Database;
  readonly bus: EventBus;
  readonly sender: Sender;
  readonly metrics: Metrics;
  readonly port: number;
  /** How often the rows of watched jobs were asked for, and for which. */
  readonly reads: string[][];
  revoke(token: string): void;
  /** Redis forgets the stream of a channel. */
  flushStream(channel: string): Promise<void>;
  /** @returns a token for that tenant */
  token(tenantId: number, role?: Principal["role"]): string;
  connect(path: string, options?: ConstructorParameters<typeof FrameClient>[1]): FrameClient;
  metric(name: string): Promise<number>;
  /** Stops the realtime side alone. */
  stop(): Promise<void>;
  close(): Promise<void>;
}

/** The realtime side of the API on a plain HTTP server, with a database of its own and a prefix of its own in Redis. */
export async function openHarness(given: HarnessOptions = {}): Promise<Harness> {
  const closer = new Closer();
  const clone = await cloneDatabase(inject("databaseAdminUrl"), inject("templateDatabase"));
  closer.add("clone", () => clone.drop());
  const db = openDatabase({ url: clone.url, name: "realtime-test" });
  closer.add("database", () => db.close());
  const redisUrl = given.redisUrl ?? inject("redisUrl");
  const prefix = `test-${randomUUID()}`;
  const history = { events: given.historyEvents ?? 20_000, forMs: 600_000 };
  const bus = new EventBus({ url: redisUrl, prefix, name: "realtime-test", history });
  closer.add("bus", () => bus.close());
  const tokens = new Map<string, Principal>();
  const reads: string[][] = [];
  const metrics = createMetrics("test");
  const server = createServer((_, response) => response.end());
  const authenticateToken = given.authenticateToken ?? (async (token: string) => tokens.get(token) ?? null);
  const realtime = openRealtime({
    authenticateToken,
    async authenticate({ headers }) {
      const token = headers.authorization?.replace("Bearer ", "");
      return token === undefined ? null : await authenticateToken(token);
    },
    async readProgress(ids) {
      reads.push([...ids]);
      for (const id of ids) await given.aroundRead?.before?.(id);
      const rows = await readJobProgress(db, ids);
      for (const id of ids) await given.aroundRead?.after?.(id);
      return rows;
    },
    readActiveJobs: (tenantIds, limit) => readActiveJobs(db, tenantIds, limit),
    readDevices: (tenantIds) => readDeviceStates(db, tenantIds),
    readStats: (tenantId) => readTenantStats(db.pool, tenantId),
    bus,
    log: createLogger({ service: "test", level: "error" }),
    metrics,
    options: { pollMs: 200, lateMs: 100, ...given.options },
  });
  realtime.attach(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closer.add("server", () => new Promise((resolve) => server.close(resolve)));
  closer.add("realtime", () => realtime.close());
  const clients = new Set<FrameClient>();
  closer.add("clients", () => clients.forEach((client) => client.close()));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    db,
    bus,
    sender: new Sender(db, bus),
    metrics,
    port: address.port,
    reads,
    async flushStream(channel) {
      const redis = connectRedis(redisUrl, { name: "realtime-test:flush" });
      await redis.del(`${prefix}:{stream:${channel}}:events`, `${prefix}:{stream:${channel}}:head`);
      redis.disconnect();
    },
    revoke: (token) => void tokens.delete(token),
    token(tenantId, role = "operator") {
      const token = randomUUID();
      tokens.set(token, { tenantId, role });
      return token;
    },
    connect(path, options) {
      const client = new FrameClient(`ws://127.0.0.1:${address.port}${path}`, options);
      clients.add(client);
      return client;
    },
    async metric(name) {
      const values = (await metrics.registry.getSingleMetric(name)?.get())?.values ?? [];
      return values.reduce((sum, { value }) => sum + value, 0);
    },
    stop: () => realtime.close(),
    close: () => closer.close(),
  };
}
