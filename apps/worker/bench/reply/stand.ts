import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createApiKey, migrateDatabase, openDatabase, type Database } from "@pregonero/db";
import { makeDevice, makeTenant } from "@pregonero/db/testing";
import { findChromium, freePort, startProcess } from "@pregonero/local-stack";
import { until } from "../../test/browser/fleet-harness.ts";
import { Sandbox } from "../../test/whatsapp-web/sandbox.ts";

export interface Stand extends AsyncDisposable {
  readonly db: Database;
  readonly sandbox: Sandbox;
  readonly tenantId: number;
  readonly deviceId: number;
  readonly apiUrl: string;
  readonly key: string;
}

const devicePhone = "34910000001";

/** Everything as it runs for real, each a process of its own: sandbox, API, a worker with one linked device. */
export async function openStand(databaseUrl: string, redisUrl: string): Promise<Stand> {
  const closing: (() => Promise<unknown>)[] = [];
  const folder = await mkdtemp(join(tmpdir(), "pregonero-bench-"));
  closing.push(() => rm(folder, { recursive: true, force: true }));
  await migrateDatabase(databaseUrl);
  const db = openDatabase({ url: databaseUrl, name: "bench" });
  closing.push(() => db.close());
  const sandbox = await Sandbox.start({ SANDBOX_QR_ROTATE_MS: "60000" });
  closing.push(() => sandbox[Symbol.asyncDispose]());
  const tenantId = await makeTenant(db);
  const deviceId = await makeDevice(db, tenantId, false);
  const [apiPort, healthPort] = [await freePort(), await freePort()];
  const common = {
    DATABASE_URL: databaseUrl,
    REDIS_URL: redisUrl,
    REDIS_PREFIX: "bench",
    BLOB_DIR: join(folder, "blobs"),
    LOG_FILE: "off",
    LOG_LEVEL: "error",
  };
  const apiUrl = `http://127.0.0.1:${apiPort}`;
  const start = async (name: string, env: NodeJS.ProcessEnv, url: string): Promise<void> => {
    const app = await startProcess({
      name,
      entry: `apps/${name}`,
      env: { ...common, ...env },
      ready: { url },
    });
    closing.push(() => app.close());
  };
  await start("api", { PORT: String(apiPort) }, `${apiUrl}/healthz`);
  await start(
    "worker",
    {
      PUPPETEER_EXECUTABLE_PATH: await findChromium(),
      PUPPETEER_WHATSAPP_URL: sandbox.url,
      SESSIONS_DIR: join(folder, "sessions"),
      HEALTH_PORT: String(healthPort),
    },
    `http://127.0.0.1:${healthPort}/readyz`,
  );
  const state = async () => await db.prisma.device.findUniqueOrThrow({ where: { id: deviceId } });
  let code: string | null = null;
  await until(async () => (code = (await state()).qrCode) !== null);
  await sandbox.scan(code ?? "", devicePhone);
  await until(async () => (await state()).state === "connected");
  const { key } = await createApiKey(db.pool, { tenantId, name: "bench", role: "operator" });
  return {
    db,
    sandbox,
    tenantId,
    deviceId,
    apiUrl,
    key,
    async [Symbol.asyncDispose]() {
      for (const close of closing.reverse()) await close();
    },
  };
}
