import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Database, migrateDatabase, openDatabase } from "@pregonero/db";
import { makeDevice, makeJob, makeTenant } from "@pregonero/db/testing";
import { type AppProcess, freePort, startProcess } from "@pregonero/local-stack";
import { until } from "../../test/browser/fleet-harness.ts";
import type { Sandbox } from "../../test/whatsapp-web/sandbox.ts";

export interface Dispatch extends AsyncDisposable {
  /** Runs a job of so many messages, numbers from `firstPhone` on; messages per second from the first arrival to the last. */
  rateOfJob(messages: number, firstPhone: number): Promise<number>;
}

/** One linked device on a worker process, and the database that jobs come from: the whole way of a message. */
export async function openDispatch(
  sandbox: Sandbox,
  databaseUrl: string,
  redisUrl: string,
): Promise<Dispatch> {
  await migrateDatabase(databaseUrl);
  const db = openDatabase({ url: databaseUrl, name: "bench" });
  const sessionsDir = await mkdtemp(join(tmpdir(), "pregonero-sessions-"));
  const tenantId = await makeTenant(db);
  const deviceId = await makeDevice(db, tenantId, false);
  const worker = await startWorker(sandbox, databaseUrl, redisUrl, sessionsDir);
  await link(db, sandbox, deviceId);
  const close = async (): Promise<void> => {
    await worker.close();
    await db.close();
    await rm(sessionsDir, { recursive: true, force: true });
  };
  return {
    rateOfJob: async (messages, firstPhone) => {
      await sandbox.control("DELETE", "/ledger");
      const jobId = await makeJob(db, { tenantId, messages, firstPhone });
      await until(async () => {
        const job = await db.prisma.sendMessagesJob.findUniqueOrThrow({ where: { id: jobId } });
        return job.status === "completed";
      });
      return arrivalRate(sandbox, messages);
    },
    [Symbol.asyncDispose]: close,
  };
}

async function startWorker(
  sandbox: Sandbox,
  databaseUrl: string,
  redisUrl: string,
  sessionsDir: string,
): Promise<AppProcess> {
  const healthPort = await freePort();
  return startProcess({
    name: "worker",
    entry: "apps/worker",
    env: {
      DATABASE_URL: databaseUrl,
      REDIS_URL: redisUrl,
      REDIS_PREFIX: `bench-${process.pid}`,
      PUPPETEER_WHATSAPP_URL: sandbox.url,
      SESSIONS_DIR: sessionsDir,
      HEALTH_PORT: String(healthPort),
      LOG_FILE: join(sessionsDir, "worker.log"),
    },
    ready: { url: `http://127.0.0.1:${healthPort}/readyz` },
  });
}

async function link(db: Database, sandbox: Sandbox, deviceId: number): Promise<void> {
  let scanned: string | null = null;
  await until(async () => {
    const device = await db.prisma.device.findUniqueOrThrow({ where: { id: deviceId } });
    if (device.state === "qr" && device.qrCode !== null && device.qrCode !== scanned) {
      scanned = device.qrCode;
      await sandbox.scan(device.qrCode, "34910000002");
    }
    return device.state === "connected";
  });
}

async function arrivalRate(sandbox: Sandbox, messages: number): Promise<number> {
  const times = (await sandbox.arrivalTimes()).sort((a, b) => a - b);
  const [first, last] = [times[0], times.at(-1)];
  if (first === undefined || last === undefined || times.length !== messages) {
    throw new Error(`${times.length} of ${messages} messages arrived`);
  }
  return ((messages - 1) * 1_000) / (last - first);
}
