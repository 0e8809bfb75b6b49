import type { FleetShare, LeasedDevice } from "@pregonero/db";
import { monotonicMs, sleep, type Logger } from "@pregonero/runtime";
import type { DeviceRuntime } from "./device-runtime.ts";
import { Lease } from "./lease.ts";

/** What the manager needs of the lease store. */
interface LeaseStore {
  acquire(limit: number, leaseMs: number): Promise<LeasedDevice[]>;
  renew(
    leases: readonly { deviceId: number; epoch: number }[],
    leaseMs: number,
  ): Promise<{ deviceId: number; wanted: boolean }[]>;
  release(lease: { deviceId: number; epoch: number }): Promise<void>;
  share(): Promise<FleetShare>;
}

export interface DeviceManagerOptions {
  readonly workerId: string;
  readonly leases: LeaseStore;
  readonly openRuntime: (device: LeasedDevice, lease: Lease) => DeviceRuntime;
  /** The most devices that this worker holds. */
  readonly capacity: number;
  readonly leaseMs: number;
  readonly log: Logger;
}

/**
 * Which devices are this worker's: renews their leases, takes devices that nobody holds up to its fair share, and gives
 * surplus ones back when workers join. A lease that could not be renewed in time is over here before it is over there.
 */
export class DeviceManager {
  readonly #options: DeviceManagerOptions;
  readonly #runtimes = new Map<number, DeviceRuntime>();
  /** Devices on their way out: still leased, not to be taken again meanwhile. */
  readonly #leaving = new Map<number, Promise<void>>();
  readonly #stopping = new AbortController();
  #loop: Promise<void> | undefined;

  constructor(options: DeviceManagerOptions) {
    this.#options = options;
  }

  start(): void {
    this.#loop ??= this.#run();
  }

  get runtimes(): readonly DeviceRuntime[] {
    return [...this.#runtimes.values()];
  }

  get(deviceId: number): DeviceRuntime | undefined {
    return this.#runtimes.get(deviceId);
  }

  /** Stops every device gracefully and gives the leases back. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#loop;
    for (const runtime of this.#runtimes.values()) this.#leave(runtime, "stop");
    const { leaseMs, log } = this.#options;
    const renew = (): void =>
      void this.#renew().catch((error: unknown) => log.warn("leases could not be renewed", { error }));
    const renewing = setInterval(renew, leaseMs / 3);
    await Promise.all(this.#leaving.values());
    clearInterval(renewing);
  }

  async #run(): Promise<void> {
    const everyMs = Math.min(2_000, this.#options.leaseMs / 5);
    // Beside the rounds: a database that does not answer holds a round up, and the lease runs out all the same.
    const watch = setInterval(() => this.#letGo(), everyMs);
    while (!this.#stopping.signal.aborted) {
      await this.round();
      await sleep(everyMs, this.#stopping.signal);
    }
    clearInterval(watch);
  }

  /** Leaves devices whose lease has run out. */
  #letGo(): void {
    for (const runtime of this.#runtimes.values()) {
      if (runtime.lease.leftMs <= 0) this.#leave(runtime, "abandon");
    }
  }

  /** One round: renew, give back, take. Never rejects. */
  async round(): Promise<void> {
    try {
      await this.#renew();
      await this.#share();
    } catch (error) {
      this.#options.log.warn("leases could not be looked after", { error });
    }
    this.#letGo();
  }

  async #renew(): Promise<void> {
    const held = [...this.#runtimes.values()]
      .map((runtime) => runtime.lease)
      .filter((lease) => lease.leftMs > 0);
    if (held.length === 0) return;
    const requestedAtMs = monotonicMs();
    const renewed = new Map(
      (await this.#options.leases.renew(held, this.#options.leaseMs)).map((row) => [
        row.deviceId,
        row.wanted,
      ]),
    );
    for (const lease of held) {
      const wanted = renewed.get(lease.deviceId);
      const runtime = this.#runtimes.get(lease.deviceId);
      if (!runtime || runtime.lease !== lease) continue;
      if (wanted === undefined) this.#leave(runtime, "abandon");
      else {
        lease.renewed(requestedAtMs, this.#options.leaseMs);
        if (!wanted) this.#leave(runtime, "stop");
      }
    }
  }

  async #share(): Promise<void> {
    const { capacity, leases, leaseMs, log } = this.#options;
    if (this.#stopping.signal.aborted) return;
    const { wanted, workers } = await leases.share();
    const fair = Math.min(capacity, Math.ceil(wanted / Math.max(1, workers)));
    const staying = [...this.#runtimes.values()].filter((runtime) => !this.#leaving.has(runtime.deviceId));
    // One a round, an idle one first: a rebalance must not stop the fleet.
    const surplus = staying.sort((a, b) => Number(a.busy) - Number(b.busy))[0];
    if (staying.length > fair && surplus) this.#leave(surplus, "stop");
    const room = fair - this.#runtimes.size;
    if (room <= 0) return;
    const requestedAtMs = monotonicMs();
    for (const device of await leases.acquire(room, leaseMs)) {
      log.info("device taken", { device: device.id, epoch: device.epoch });
      const lease = new Lease(
        { deviceId: device.id, workerId: this.#options.workerId, epoch: device.epoch },
        requestedAtMs,
        leaseMs,
      );
      const runtime = this.#options.openRuntime(device, lease);
      this.#runtimes.set(device.id, runtime);
      runtime.start();
    }
  }

  #leave(runtime: DeviceRuntime, how: "stop" | "abandon"): void {
    const { deviceId, lease } = runtime;
    if (this.#leaving.has(deviceId)) return;
    const { leases, log } = this.#options;
    const left = (async () => {
      if (how === "stop") {
        await runtime.stop();
        await leases.release(lease);
      } else {
        log.warn("lease lost", { device: deviceId, epoch: lease.epoch });
        await runtime.abandon();
      }
    })()
      .catch((error: unknown) => log.error("a device could not be left cleanly", { device: deviceId, error }))
      .finally(() => {
        this.#runtimes.delete(deviceId);
        this.#leaving.delete(deviceId);
      });
    this.#leaving.set(deviceId, left);
  }
}
