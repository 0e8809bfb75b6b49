import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PregoneroClient, type Device } from "@pregonero/client";
import { cloneDatabase } from "@pregonero/db/testing";
import { freePort, startProcess, type AppProcess } from "@pregonero/local-stack";
import { Closer } from "@pregonero/runtime";
import { inject } from "vitest";
import { WebSocket } from "ws";
import { ensureAdminKey } from "../../../src/stack/admin-key.ts";
import { apiApp, host, sandboxApp, workerApp, type Place } from "../../../src/stack/apps.ts";
import { linkDevices } from "../../../src/stack/link-devices.ts";
import { SandboxControl } from "../../../src/stack/sandbox-control.ts";
import { RawSocket } from "../../support/raw-socket.ts";

export interface PlatformOptions {
  readonly workers: number;
  readonly devices: number;
}

interface Parts {
  readonly closer: Closer;
  readonly place: Place;
  readonly apiPort: number;
  readonly key: string;
}

const graceMs = 40_000;

/** The whole product as processes of their own, spoken to over HTTP and WebSocket alone; on a database of its own. */
export class Platform implements AsyncDisposable {
  readonly client: PregoneroClient;
  readonly sandbox: SandboxControl;
  readonly url: string;
  readonly #parts: Parts;
  readonly #workers: AppProcess[] = [];
  #api: AppProcess | undefined;
  #devices: readonly Device[] = [];

  private constructor(parts: Parts) {
    this.#parts = parts;
    this.url = `http://${host}:${parts.apiPort}`;
    this.client = new PregoneroClient({ baseUrl: this.url, token: parts.key, WebSocket });
    this.sandbox = new SandboxControl(parts.place.whatsAppUrl);
  }

  static async start(options: PlatformOptions): Promise<Platform> {
    const closer = new Closer({ timeoutMs: 60_000 });
    try {
      const platform = new Platform(await openParts(closer));
      await platform.startApi();
      await platform.#startWorkers(options.workers);
      platform.#devices = await linkDevices({
        client: platform.client,
        sandbox: platform.sandbox,
        fleet: Array.from({ length: options.devices }, (_, n) => ({
          name: `device-${n + 1}`,
          phone: String(34_555_710_001 + n),
        })),
        signal: new AbortController().signal,
        showQr: () => undefined,
      });
      return platform;
    } catch (error) {
      await closer.close();
      throw error;
    }
  }

  get devices(): readonly Device[] {
    return this.#devices;
  }

  /** Of an admin. */
  get key(): string {
    return this.#parts.key;
  }

  /** Ends a worker without a word. */
  async killWorker(place: number): Promise<void> {
    const worker = this.#workers[place];
    worker?.kill("SIGKILL");
    await worker?.exited;
  }

  get api(): AppProcess {
    if (!this.#api) throw new Error("the API was not started");
    return this.#api;
  }

  async startApi(): Promise<void> {
    const { place, apiPort, closer } = this.#parts;
    const api = await startProcess(apiApp(place, apiPort, "required"));
    closer.add("api", () => api.close(graceMs));
    this.#api = api;
  }

  /** A client of the live contract that knows nothing but the wire. */
  socket(path: string): RawSocket {
    const headers = { authorization: `Bearer ${this.#parts.key}` };
    return new RawSocket(`${this.url.replace("http", "ws")}${path}`, headers);
  }

  /** How many messages each number got. */
  async arrivals(): Promise<Map<string, number>> {
    const counts = new Map<string, number>();
    for (const { to } of await this.sandbox.arrivals()) counts.set(to, (counts.get(to) ?? 0) + 1);
    return counts;
  }

  async #startWorkers(count: number): Promise<void> {
    const { place, closer } = this.#parts;
    const workers = this.#workers;
    closer.add("workers", () => Promise.all(workers.map((worker) => worker.close(graceMs))));
    const numbers = Array.from({ length: count }, (_, index) => index + 1);
    await Promise.all(
      numbers.map(async (number) => workers.push(await startProcess(await workerApp(place, number)))),
    );
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#parts.closer.close();
  }
}

async function openParts(closer: Closer): Promise<Parts> {
  const dir = await mkdtemp(join(tmpdir(), "pregonero-e2e-"));
  closer.add("folder", () => rm(dir, { recursive: true, force: true, maxRetries: 3 }));
  await mkdir(join(dir, "uploads"));
  const database = await cloneDatabase(inject("databaseAdminUrl"), inject("templateDatabase"));
  closer.add("database", () => database.drop());
  const { key } = await ensureAdminKey(database.url, null);
  const sandboxPort = await freePort();
  const sandbox = await startProcess(sandboxApp(sandboxPort, 0, null));
  closer.add("sandbox", () => sandbox.close(graceMs));
  const place: Place = {
    dir,
    databaseUrl: database.url,
    redisUrl: inject("redisUrl"),
    chromiumPath: inject("chromiumPath"),
    whatsAppUrl: `http://${host}:${sandboxPort}`,
    sitesPort: null,
    extraEnv: {
      REDIS_PREFIX: `e2e-${crypto.randomUUID()}`,
      BROWSER_START_STAGGER_MS: "0",
      LEASE_MS: "4000",
    },
  };
  return { closer, place, apiPort: await freePort(), key };
}

/** Polls until it holds; fails after `withinMs`. */
export async function until(holds: () => Promise<boolean>, withinMs: number): Promise<void> {
  const untilMs = performance.now() + withinMs;
  while (!(await holds())) {
    if (performance.now() > untilMs) throw new Error(`did not hold within ${withinMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
