import { join } from "node:path";
import { freePort, startProcess, type AppProcess } from "@pregonero/local-stack";
import { Proxy } from "../proxy/proxy.ts";
import { host, mode, redisPrefix, through, timings, type Place } from "./place.ts";
import type { Servers } from "./servers.ts";

/** Longer than a worker gives itself. */
const graceMs = 40_000;

/** A worker process, and its own lines to Postgres and Redis. */
export class WorkerNode {
  /** As it calls itself in the `workers` table; never used twice. */
  readonly name: string;
  readonly process: AppProcess;
  readonly postgres: Proxy;
  readonly redis: Proxy;
  #alive = true;
  #closed: Promise<void> | undefined;

  private constructor(name: string, process: AppProcess, postgres: Proxy, redis: Proxy) {
    this.name = name;
    this.process = process;
    this.postgres = postgres;
    this.redis = redis;
    void process.exited.then(() => {
      this.#alive = false;
      return this.#closeProxies();
    });
  }

  static async start(
    name: string,
    place: Place,
    servers: Servers,
    env: NodeJS.ProcessEnv,
  ): Promise<WorkerNode> {
    const [postgres, redis, healthPort] = await Promise.all([
      Proxy.open(servers.postgres.port),
      Proxy.open(servers.redis.port),
      freePort(),
    ]);
    try {
      const process = await startProcess({
        name,
        entry: "apps/worker",
        mode,
        env: {
          DATABASE_URL: through(servers.postgres.url, postgres.port),
          REDIS_URL: through(servers.redis.url, redis.port),
          REDIS_PREFIX: redisPrefix,
          WORKER_NAME: name,
          HEALTH_HOST: host,
          HEALTH_PORT: String(healthPort),
          PUPPETEER_EXECUTABLE_PATH: place.chromiumPath,
          PUPPETEER_WHATSAPP_URL: place.providerUrl,
          SESSIONS_DIR: place.sessionsDir,
          CREDENTIALS_KEY: place.credentialsKey,
          OUTBOUND_ALLOW: host,
          LOG_FILE: join(place.dir, "logs", `${name}.log`),
          LEASE_MS: String(timings.leaseMs),
          SETTLE_MS: String(timings.settleMs),
          SEND_TIMEOUT_MS: String(timings.sendTimeoutMs),
          ACK_TIMEOUT_MS: String(timings.ackTimeoutMs),
          BROWSER_START_STAGGER_MS: "300",
          BATCH_SIZE: "10",
          MAX_CONCURRENT_BATCHES: "2",
          TURN_MS: String(timings.turnMs),
          ...env,
        },
        ready: { url: `http://${host}:${healthPort}/readyz` },
        timeoutMs: 60_000,
      });
      return new WorkerNode(name, process, postgres, redis);
    } catch (error) {
      await Promise.all([postgres.close(), redis.close()]);
      throw error;
    }
  }

  get alive(): boolean {
    return this.#alive;
  }

  /** kill -9. Resolves when it is gone. */
  async kill(): Promise<void> {
    this.process.kill("SIGKILL");
    await this.process.exited;
    await this.#closeProxies();
  }

  /** SIGTERM, as a deploy does. @returns its exit code */
  async stop(): Promise<number | null> {
    const { code } = await this.process.close(graceMs);
    await this.#closeProxies();
    return code;
  }

  #closeProxies(): Promise<void> {
    this.#closed ??= Promise.all([this.postgres.close(), this.redis.close()]).then(() => undefined);
    return this.#closed;
  }
}
