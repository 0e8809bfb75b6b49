import { randomBytes, randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createApiKey, openDatabase, type Database } from "@pregonero/db";
import { cloneDatabase } from "@pregonero/db/testing";
import { freePort, startProcess, type AppProcess } from "@pregonero/local-stack";
import { inject } from "vitest";
import "../../../../infra/test/provided-context.ts";

export interface RunningApi {
  readonly baseUrl: string;
  readonly db: Database;
  readonly tenantId: number;
  /** Of an admin. */
  readonly key: string;
  /** Keeps its events apart from others' on the same Redis. */
  readonly redisPrefix: string;
  stop(): Promise<void>;
  start(): Promise<void>;
  /** kill -9. */
  kill(): Promise<void>;
  /** Another instance beside it, on a port of its own. */
  another(): Promise<{ readonly baseUrl: string; close(): Promise<void> }>;
  close(): Promise<void>;
}

/** The API in a process of its own, with a database of its own and no worker. */
export async function openApi(): Promise<RunningApi> {
  const clone = await cloneDatabase(inject("databaseAdminUrl"), inject("templateDatabase"));
  const db = openDatabase({ url: clone.url, name: "client-test" });
  const dir = await mkdtemp(join(tmpdir(), "client-test-"));
  const { rows } = await db.pool.query<{ id: number }>(
    "INSERT INTO tenants (slug, name) VALUES ('client-test', 'Client test') RETURNING id",
  );
  const tenantId = rows[0]?.id ?? 0;
  const { key } = await createApiKey(db.pool, { tenantId, name: "test", role: "admin" });
  const port = await freePort();
  const baseUrl = `http://127.0.0.1:${port}`;
  let api: AppProcess | undefined;
  const redisPrefix = `client-test-${randomUUID()}`;
  const env = {
    DATABASE_URL: clone.url,
    REDIS_URL: inject("redisUrl"),
    REDIS_PREFIX: redisPrefix,
    LOG_FILE: join(dir, "api.log"),
    CREDENTIALS_KEY: randomBytes(32).toString("base64"),
    COMMAND_WAIT_MS: "100",
    PAIRING_TIMEOUT_MS: "300",
  };
  const startOn = (at: number): Promise<AppProcess> =>
    startProcess({
      name: "api",
      entry: "apps/api",
      env: { ...env, PORT: String(at) },
      ready: { url: `http://127.0.0.1:${at}/healthz` },
    });
  const others = new Set<AppProcess>();
  const start = async (): Promise<void> => {
    api = await startOn(port);
  };
  const stop = async (): Promise<void> => {
    await api?.close();
  };
  await start();
  return {
    baseUrl,
    db,
    tenantId,
    key,
    redisPrefix,
    start,
    stop,
    async kill() {
      api?.kill("SIGKILL");
      await api?.exited;
    },
    async another() {
      const at = await freePort();
      const other = await startOn(at);
      others.add(other);
      return { baseUrl: `http://127.0.0.1:${at}`, close: async () => void (await other.close()) };
    },
    async close() {
      await stop();
      for (const other of others) await other.close();
      await db.close();
      await clone.drop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}
