import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { freePort, startProcess, type AppProcess } from "@pregonero/local-stack";
import { host, mode, redisPrefix, type Place } from "./place.ts";
import type { Servers } from "./servers.ts";

const graceMs = 20_000;

/** The API as a process; a new one takes the address of the one before. */
export class ApiNode {
  readonly port: number;
  readonly #place: Place;
  readonly #servers: Servers;
  #process: AppProcess | undefined;

  private constructor(port: number, place: Place, servers: Servers) {
    this.port = port;
    this.#place = place;
    this.#servers = servers;
  }

  static async start(place: Place, servers: Servers): Promise<ApiNode> {
    const api = new ApiNode(await freePort(), place, servers);
    await mkdir(join(place.dir, "uploads"), { recursive: true });
    await api.start();
    return api;
  }

  get url(): string {
    return `http://${host}:${this.port}`;
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  async start(): Promise<void> {
    this.#process = await startProcess({
      name: "api",
      entry: "apps/api",
      mode,
      env: {
        DATABASE_URL: this.#servers.postgres.url,
        REDIS_URL: this.#servers.redis.url,
        REDIS_PREFIX: redisPrefix,
        HOST: host,
        PORT: String(this.port),
        AUTH: "required",
        CREDENTIALS_KEY: this.#place.credentialsKey,
        OUTBOUND_ALLOW: host,
        // 100 pauses and resumes at once are no attack here.
        REQUESTS_PER_MINUTE: "0",
        TENANT_REQUESTS_PER_MINUTE: "0",
        UPLOAD_DIR: join(this.#place.dir, "uploads"),
        LOG_FILE: join(this.#place.dir, "logs", "api.log"),
      },
      ready: { url: `${this.url}/readyz` },
      timeoutMs: 60_000,
    });
  }

  async kill(): Promise<void> {
    this.#process?.kill("SIGKILL");
    await this.#process?.exited;
    this.#process = undefined;
  }

  /** SIGTERM. @returns its exit code */
  async stop(): Promise<number | null> {
    const exit = await this.#process?.close(graceMs);
    this.#process = undefined;
    return exit?.code ?? null;
  }
}
