import { busChannel } from "@pregonero/contracts";
import type { WorkerStatus } from "@pregonero/db";
import type { EventBus } from "@pregonero/queue";
import { sleep, type Logger } from "@pregonero/runtime";
import type { DeviceCommands } from "./device-commands.ts";
import type { Devices } from "./devices.ts";

export interface WorkerLifeOptions {
  readonly devices: Devices;
  readonly commands: DeviceCommands;
  /** When each device has something to claim next, ms from now. */
  readonly nextWork: (deviceIds: readonly number[]) => Promise<ReadonlyMap<number, number>>;
  readonly heartbeat: (state: {
    status: WorkerStatus;
    devices: number;
    memoryMb: number;
    error: string | null;
  }) => Promise<void>;
  readonly bus: EventBus;
  readonly log: Logger;
}

/** The rows are looked at so often, whatever Redis says: a lost wake-up costs this much. */
const lookEveryMs = 1_000;

/** So many looks may find a device with work and without a turn: the turn may be in the queue, or have just ended. */
const patience = 4;

/**
 * The pulse of a worker: says that it lives, looks for work and commands of its devices, settles what is open. Wake-ups
 * over Redis only make it look sooner.
 */
export class WorkerLife {
  readonly #options: WorkerLifeOptions;
  readonly #stop = new AbortController();
  readonly #timers = new Set<NodeJS.Timeout>();
  #loop: Promise<void> | undefined;
  #unsubscribe: (() => void) | undefined;
  #looking: Promise<void> | undefined;
  #error: string | null = null;
  /** Looks in a row at which a device had work, and no turn. */
  readonly #waiting = new Map<number, number>();

  constructor(options: WorkerLifeOptions) {
    this.#options = options;
  }

  start(): void {
    const { bus, devices } = this.#options;
    this.#loop ??= this.#run();
    this.#unsubscribe = bus.subscribe(busChannel.workers(), (event) => {
      if (event.type !== "wake") return;
      const runtime = devices.get(event.deviceId);
      if (!runtime) return;
      runtime.wake();
      void this.#commands();
    });
  }

  async close(): Promise<void> {
    this.#stop.abort();
    this.#unsubscribe?.();
    for (const timer of this.#timers) clearTimeout(timer);
    await this.#loop;
    await this.#looking;
    await this.#beat("draining").catch(() => undefined);
  }

  async #run(): Promise<void> {
    do {
      try {
        await this.#beat(this.#status());
        await this.#wakeReady();
        await this.#commands();
        for (const runtime of this.#options.devices.runtimes) void runtime.settle();
        this.#error = null;
      } catch (error) {
        this.#error = error instanceof Error ? error.message : String(error);
        this.#options.log.warn("the worker's pulse failed", { error });
      }
    } while (await sleep(lookEveryMs, this.#stop.signal));
  }

  #status(): WorkerStatus {
    if (this.#error !== null) return "error";
    return this.#options.devices.runtimes.some((runtime) => runtime.busy) ? "busy" : "available";
  }

  async #beat(status: WorkerStatus): Promise<void> {
    await this.#options.heartbeat({
      status,
      devices: this.#options.devices.runtimes.length,
      memoryMb: Math.round(process.memoryUsage.rss() / 2 ** 20),
      error: this.#error,
    });
  }

  /** Wakes devices that have work now, and those that will have before the next look at the right moment. */
  async #wakeReady(): Promise<void> {
    const { devices, nextWork } = this.#options;
    const idle = devices.runtimes.filter((runtime) => !runtime.busy && runtime.state === "connected");
    const next =
      idle.length === 0 ? new Map<number, number>() : await nextWork(idle.map((one) => one.deviceId));
    for (const deviceId of this.#waiting.keys()) {
      if (next.get(deviceId) !== 0) this.#waiting.delete(deviceId);
    }
    for (const [deviceId, inMs] of next) {
      if (inMs >= lookEveryMs) continue;
      const looks = inMs === 0 ? (this.#waiting.get(deviceId) ?? 0) + 1 : 0;
      this.#waiting.set(deviceId, looks);
      if (looks > patience) {
        this.#waiting.delete(deviceId);
        await devices.get(deviceId)?.unstick();
        continue;
      }
      const timer = setTimeout(() => {
        this.#timers.delete(timer);
        devices.get(deviceId)?.wake();
      }, inMs);
      this.#timers.add(timer);
    }
  }

  #commands(): Promise<void> {
    this.#looking ??= this.#options.commands
      .look()
      .catch((error: unknown) => this.#options.log.warn("commands could not be read", { error }))
      .finally(() => (this.#looking = undefined));
    return this.#looking;
  }
}
