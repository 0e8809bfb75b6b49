import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { migrateDatabase, openDatabase, seed, type Database } from "@pregonero/db";
import { findChromium } from "@pregonero/local-stack";
import { connectRedis, type Redis } from "@pregonero/queue";
import type { Closer } from "@pregonero/runtime";
import { Proxy } from "../proxy/proxy.ts";
import { ApiNode } from "./api-node.ts";
import { Campaigns } from "./campaigns.ts";
import { makeDevices, type Device } from "./devices.ts";
import { host, newCredentialsKey, type Place } from "./place.ts";
import { Sandbox } from "./sandbox.ts";
import { startServers, type Servers } from "./servers.ts";
import { Workers } from "./workers.ts";

export interface WorldSize {
  readonly workers: number;
  /** Of WhatsApp Web. */
  readonly webDevices: number;
}

/** The whole product as processes of its own, everything around it, and every way to break it. */
export interface World {
  readonly size: WorldSize;
  readonly place: Place;
  readonly servers: Servers;
  readonly sandbox: Sandbox;
  /** Between workers and providers. */
  readonly provider: Proxy;
  readonly api: ApiNode;
  readonly workers: Workers;
  readonly devices: readonly Device[];
  readonly campaigns: Campaigns;
  /** Past all proxies. Its queries reject while Postgres is away. */
  readonly db: Database;
  /** Past all proxies. */
  readonly redis: Redis;
}

const closeMs = 60_000;

/** @param say told each step */
export async function openWorld(
  size: WorldSize,
  closer: Closer,
  say: (step: string) => void,
): Promise<World> {
  const dir = await mkdtemp(join(tmpdir(), "pregonero-chaos-"));
  closer.add("folder", () => rm(dir, { recursive: true, force: true, maxRetries: 5 }));
  const sessionsDir = join(dir, "sessions");
  await mkdir(sessionsDir);
  say("servers");
  const servers = await startServers(dir);
  closer.add("servers", () => servers.close(), { timeoutMs: closeMs });
  await migrateDatabase(servers.postgres.url);
  const db = openDatabase({ url: servers.postgres.url, name: "chaos", maxConnections: 4 });
  closer.add("database", () => db.close());
  const redis = connectRedis(servers.redis.url, { name: "chaos" });
  closer.add("redis", () => redis.disconnect());
  const sandbox = await Sandbox.start();
  closer.add("sandbox", () => sandbox.close(), { timeoutMs: closeMs });
  await sandbox.calm();
  const provider = await Proxy.open(sandbox.port);
  closer.add("provider", () => provider.close());
  const place: Place = {
    dir,
    sessionsDir,
    chromiumPath: await findChromium(),
    providerUrl: `http://${host}:${provider.port}`,
    credentialsKey: newCredentialsKey(),
  };
  const { tenantId, key } = await seed(db);
  if (key === null) throw new Error("the database was not new");
  say("API and workers");
  const api = await ApiNode.start(place, servers);
  closer.add("api", () => api.stop(), { timeoutMs: closeMs });
  const workers = new Workers(place, servers);
  closer.add("workers", () => workers.close(), { timeoutMs: closeMs });
  await workers.fill(size.workers);
  say("devices");
  const devices = await makeDevices({
    db,
    sandbox,
    tenantId,
    credentialsKey: place.credentialsKey,
    providerUrl: place.providerUrl,
    apiUrl: api.url,
    web: size.webDevices,
  });
  const campaigns = new Campaigns(api.url, key, devices);
  return { size, place, servers, sandbox, provider, api, workers, devices, campaigns, db, redis };
}
