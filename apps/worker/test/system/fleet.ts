import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openDatabase, openKeyring, saveCredentials, type Database } from "@pregonero/db";
import { cloneDatabase, makeDevice, makeTenant } from "@pregonero/db/testing";
import { freePort, startProcess, type AppProcess } from "@pregonero/local-stack";
import { inject } from "vitest";
import { Sandbox } from "./sandbox.ts";

export const credentialsKey = Buffer.alloc(32, 7).toString("base64");

export interface FleetOptions {
  readonly workers: number;
  readonly devices: number;
  readonly env?: NodeJS.ProcessEnv;
}

/** A sandbox and workers as processes of their own, on a database of their own; devices are linked when it is ready. */
export class Fleet implements AsyncDisposable {
  readonly db: Database;
  readonly sandbox: Sandbox;
  readonly tenantId: number;
  readonly deviceIds: readonly number[];
  readonly redisPrefix: string;
  readonly sessionsDir: string;
  readonly workers: AppProcess[] = [];
  readonly #databaseUrl: string;
  readonly #env: NodeJS.ProcessEnv;
  readonly #drop: () => Promise<void>;
  #api: AppProcess | undefined;
  #cloudDevices = 1;

  private constructor(parts: {
    db: Database;
    sandbox: Sandbox;
    tenantId: number;
    deviceIds: readonly number[];
    sessionsDir: string;
    databaseUrl: string;
    env: NodeJS.ProcessEnv;
    drop: () => Promise<void>;
  }) {
    this.db = parts.db;
    this.sandbox = parts.sandbox;
    this.tenantId = parts.tenantId;
    this.deviceIds = parts.deviceIds;
    this.sessionsDir = parts.sessionsDir;
    this.redisPrefix = `test-${crypto.randomUUID()}`;
    this.#databaseUrl = parts.databaseUrl;
    this.#env = parts.env;
    this.#drop = parts.drop;
  }

  static async start(options: FleetOptions): Promise<Fleet> {
    const clone = await cloneDatabase(inject("databaseAdminUrl"), inject("templateDatabase"));
    const db = openDatabase({ url: clone.url, name: "test" });
    const sandbox = await Sandbox.start();
    const tenantId = await makeTenant(db);
    const deviceIds: number[] = [];
    for (let n = 0; n < options.devices; n++) deviceIds.push(await makeDevice(db, tenantId, false));
    const fleet = new Fleet({
      db,
      sandbox,
      tenantId,
      deviceIds,
      sessionsDir: await mkdtemp(join(tmpdir(), "pregonero-sessions-")),
      databaseUrl: clone.url,
      env: options.env ?? {},
      drop: () => clone.drop(),
    });
    try {
      await Promise.all(Array.from({ length: options.workers }, () => fleet.addWorker()));
      await fleet.link();
    } catch (error) {
      await fleet[Symbol.asyncDispose]();
      throw error;
    }
    return fleet;
  }

  async addWorker(env: NodeJS.ProcessEnv = {}): Promise<AppProcess> {
    const healthPort = await freePort();
    const worker = await startProcess({
      name: `worker-${this.workers.length + 1}`,
      entry: "apps/worker",
      env: {
        DATABASE_URL: this.#databaseUrl,
        REDIS_URL: inject("redisUrl"),
        REDIS_PREFIX: this.redisPrefix,
        PUPPETEER_EXECUTABLE_PATH: inject("chromiumPath"),
        PUPPETEER_WHATSAPP_URL: this.sandbox.url,
        SESSIONS_DIR: this.sessionsDir,
        BLOB_DIR: join(this.sessionsDir, "blobs"),
        HEALTH_PORT: String(healthPort),
        BROWSER_START_STAGGER_MS: "0",
        LEASE_MS: "4000",
        LOG_FILE: join(this.sessionsDir, "worker.log"),
        CREDENTIALS_KEY: credentialsKey,
        OUTBOUND_ALLOW: "localhost,127.0.0.1",
        WORKER_NAME: `worker-${this.workers.length + 1}`,
        ...this.#env,
        ...env,
      },
      ready: { url: `http://127.0.0.1:${healthPort}/readyz` },
    });
    this.workers.push(worker);
    return worker;
  }

  /** An API server on the same database, for webhooks. @returns its address */
  async startApi(): Promise<string> {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    this.#api = await startProcess({
      name: "api",
      entry: "apps/api",
      env: {
        DATABASE_URL: this.#databaseUrl,
        REDIS_URL: inject("redisUrl"),
        REDIS_PREFIX: this.redisPrefix,
        PORT: String(port),
        BLOB_DIR: join(this.sessionsDir, "blobs"),
        CREDENTIALS_KEY: credentialsKey,
        LOG_FILE: join(this.sessionsDir, "api.log"),
      },
      ready: { url: `${url}/healthz` },
    });
    return url;
  }

  /** A device of the Cloud API whose webhooks go to `apiUrl`; the sandbox knows it. @returns its id */
  async addCloudDevice(apiUrl: string): Promise<number> {
    const phone_number_id = String(100_000 + this.#cloudDevices++);
    const webhookToken = crypto.randomUUID();
    const { id } = await this.db.prisma.device.create({
      data: {
        tenantId: this.tenantId,
        name: `cloud ${phone_number_id}`,
        kind: "whatsapp_cloud",
        wanted: true,
        linked: true,
        linkedAt: new Date(),
        url: `${this.sandbox.url}/cloud`,
        providerRef: phone_number_id,
        webhookToken,
      },
    });
    const secrets = { access_token: "access", app_secret: "app-secret", verify_token: "verify" };
    await saveCredentials(this.db.pool, openKeyring(credentialsKey), {
      tenantId: this.tenantId,
      deviceId: id,
      credentials: { kind: "whatsapp_cloud", phone_number_id, ...secrets },
    });
    await this.sandbox.put(`/control/cloud/accounts/${phone_number_id}`, {
      phone: phoneOf(id),
      ...secrets,
      webhook_url: `${apiUrl}/webhooks/cloud/${webhookToken}`,
    });
    return id;
  }

  /** A device of Wablas whose webhooks go to `apiUrl`; the sandbox knows it. @returns its id */
  async addWablasDevice(apiUrl: string): Promise<{ id: number; token: string }> {
    const [token, webhookToken] = [`token${crypto.randomUUID().slice(0, 8)}`, crypto.randomUUID()];
    const { id } = await this.db.prisma.device.create({
      data: {
        tenantId: this.tenantId,
        name: token,
        kind: "wablas",
        wanted: true,
        linked: true,
        linkedAt: new Date(),
        providerRef: token,
        webhookToken,
      },
    });
    const secret_key = "secret";
    await saveCredentials(this.db.pool, openKeyring(credentialsKey), {
      tenantId: this.tenantId,
      deviceId: id,
      credentials: {
        kind: "wablas",
        host: `${this.sandbox.url}/wablas`,
        token,
        secret_key,
        webhook_secret: webhookToken,
      },
    });
    await this.sandbox.put(`/control/wablas/devices/${token}`, {
      phone: phoneOf(id),
      secret_key,
      webhook_url: `${apiUrl}/webhooks/wablas/${webhookToken}`,
    });
    return { id, token };
  }

  /** Waits until these devices are connected. */
  async connected(deviceIds: readonly number[]): Promise<void> {
    await until(async () => {
      const count = await this.db.prisma.device.count({
        where: { id: { in: [...deviceIds] }, state: "connected" },
      });
      return count === deviceIds.length;
    }, 30_000);
  }

  /** Scans the QR of every device with a phone of its own. */
  async link(): Promise<void> {
    const pending = new Set(this.deviceIds);
    await until(async () => {
      const rows = await this.db.prisma.device.findMany({ where: { id: { in: [...pending] } } });
      for (const row of rows) {
        if (row.state === "connected") pending.delete(row.id);
        else if (row.state === "qr" && row.qrCode) await this.sandbox.scan(row.qrCode, phoneOf(row.id));
      }
      return pending.size === 0;
    }, 45_000);
  }

  async job(jobId: string) {
    return await this.db.prisma.sendMessagesJob.findUniqueOrThrow({ where: { id: jobId } });
  }

  async untilJob(
    jobId: string,
    holds: (job: Awaited<ReturnType<Fleet["job"]>>) => boolean,
    withinMs = 30_000,
  ): Promise<void> {
    await until(async () => holds(await this.job(jobId)), withinMs).catch(async (error: unknown) => {
      throw new Error(`${String(error)}\n${await this.report(jobId)}`, { cause: error });
    });
  }

  /** Where things stand, for the message of a test that failed. */
  async report(jobId: string): Promise<string> {
    const rows = async (sql: string) =>
      (await this.db.pool.query(sql)).rows.map((row) => JSON.stringify(row));
    const parts = [
      [JSON.stringify(await this.job(jobId))],
      await rows("SELECT state, error_code, count(*)::int FROM messages GROUP BY 1, 2"),
      await rows(
        `SELECT provider_message_id, state, attempts, device_id, claim_epoch, send_by, settle_until, error_detail
         FROM messages WHERE send_by IS NOT NULL LIMIT 5`,
      ),
      await rows(
        "SELECT id, state, state_reason, wanted, lease_worker_id, lease_epoch, lease_expires_at, now() FROM devices",
      ),
      await rows("SELECT device_id, status, ready_at, sent, failed, unknown FROM lanes"),
      this.workers.map((worker) => worker.output().split("\n").slice(-12).join("\n")),
    ];
    return parts.map((lines) => lines.join("\n")).join("\n\n");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.workers, ...(this.#api ? [this.#api] : [])].map((one) => one.close()));
    await this.sandbox[Symbol.asyncDispose]();
    await this.db.close();
    await this.#drop();
    await rm(this.sessionsDir, { recursive: true, force: true });
  }
}

export const phoneOf = (deviceId: number): string => String(34_911_000_000 + deviceId);

/** Polls until it holds; fails after `withinMs`. */
export async function until(holds: () => Promise<boolean>, withinMs: number): Promise<void> {
  const untilMs = performance.now() + withinMs;
  while (!(await holds())) {
    if (performance.now() > untilMs) throw new Error(`did not hold within ${withinMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
