import puppeteer, { type Page } from "puppeteer";
import { Cluster } from "puppeteer-cluster";
import type { ContextStatus } from "./context-reporter.ts";
import { type Deferred, deferred } from "./deferred.ts";
import type { DeviceBrowser } from "./device-browser.ts";
import { type LauncherOptions, launchDeviceBrowser } from "./device-launcher.ts";
import { asOpenError, BrowserOpenError } from "./errors.ts";
import { profileConcurrency } from "./profile-concurrency.ts";
import { StartGate } from "./start-gate.ts";

export interface BrowserFleetOptions extends LauncherOptions {
  /** The most devices that this worker hosts at once. */
  readonly slots: number;
  /** The least time between two browser starts, in ms. */
  readonly startStaggerMs: number;
}

/** A device's open browser context. */
export interface BrowserContextHandle {
  /** Unique for each opening (UUID). Stays on the server side. */
  readonly browserSystemId: string;
  /** The device's profile; it stays when the context is closed. */
  readonly profileDir: string;
  /** A page of the profile's own context, still empty. Dialogs on it are dismissed. */
  readonly page: Page;
  /** Resolves with the reason when the page, its renderer or the browser is gone. Never rejects. */
  readonly lost: Promise<string>;
  /** Passes a change of status on to the reporter; saying the same twice reports once. */
  report(status: ContextStatus, detail?: string): void;
  /** Of the whole browser (PSS), or null when it cannot be known. */
  memoryMb(): Promise<number | null>;
  /** Ends the browser and frees the slot; never rejects, safe to call twice. Gracefully (default) the session is flushed. */
  close(graceful?: boolean): Promise<void>;
}

/** What a slot is for: hosting one device until it is released. */
interface Stay {
  readonly deviceId: number;
  readonly signal: AbortSignal;
  readonly opened: Deferred<DeviceBrowser>;
  readonly released: Deferred<void>;
}

/**
 * The longest that a timer of Node can wait (24.8 days). puppeteer-cluster cannot be told to have no timeout; a
 * context that lives that long is closed and is reported as lost.
 */
const longestStayMs = 2 ** 31 - 1;

/**
 * The browsers of a worker: one puppeteer-cluster, in which a slot hosts ONE device, with its own profile, for as
 * long as the worker holds the device's lease. Each device has a browser process of its own, so that a crash, a hang
 * or a closed target is felt by no other device.
 */
export class BrowserFleet {
  readonly #slots: number;
  readonly #cluster: Cluster<number, void>;
  /** Stays that puppeteer-cluster has not come to, in the order in which it will. */
  readonly #queue: Stay[];
  /** How to end the stay of each device that has a slot or waits for one. */
  readonly #stays = new Map<number, (graceful?: boolean) => Promise<void>>();
  readonly #closing = new AbortController();
  #closed: Promise<void> | undefined;

  private constructor(slots: number, cluster: Cluster<number, void>, queue: Stay[]) {
    this.#slots = slots;
    this.#cluster = cluster;
    this.#queue = queue;
  }

  /** Starts no browser: each is started when its device comes. */
  static async launch(options: BrowserFleetOptions): Promise<BrowserFleet> {
    const queue: Stay[] = [];
    const gate = new StartGate(options.startStaggerMs);
    const openNext = (): Promise<DeviceBrowser | null> => openStay(queue.shift(), options, gate);
    const cluster: Cluster<number, void> = await Cluster.launch({
      concurrency: profileConcurrency(openNext),
      // 0 would mean "any number" to puppeteer-cluster; a fleet without slots refuses by itself.
      maxConcurrency: Math.max(1, options.slots),
      timeout: longestStayMs,
      retryLimit: 0,
      puppeteer,
    });
    return new BrowserFleet(options.slots, cluster, queue);
  }

  /** How many more devices can be hosted. */
  get openSlots(): number {
    return Math.max(0, this.#slots - this.#stays.size);
  }

  /**
   * Opens the device's browser on its profile. The caller holds the device's lease: any other browser on the profile
   * is an orphan and is killed. Does not queue: without a free slot it rejects at once.
   * @throws BrowserOpenError
   */
  async open(deviceId: number, signal: AbortSignal): Promise<BrowserContextHandle> {
    this.#refuse(deviceId, signal);
    const stay: Stay = {
      deviceId,
      signal: AbortSignal.any([signal, this.#closing.signal]),
      opened: deferred(),
      released: deferred(),
    };
    const close = this.#host(stay);
    const browser = await stay.opened.promise.catch(async (error: unknown) => {
      // Rejected only when the slot is free again: the caller may well try at once.
      await close();
      throw error;
    });
    return {
      browserSystemId: browser.browserSystemId,
      profileDir: browser.profileDir,
      page: browser.page,
      lost: browser.lost,
      report: (status, detail) => browser.report(status, detail),
      memoryMb: () => browser.memoryMb(),
      close,
    };
  }

  /** Closes every browser gracefully (bounded, then by force) and the cluster. Nothing can be opened any more. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  #refuse(deviceId: number, signal: AbortSignal): void {
    if (this.#closing.signal.aborted) throw new BrowserOpenError("fleet_closed", "the worker is closing");
    if (signal.aborted) throw new BrowserOpenError("aborted", "opening was given up");
    if (this.#stays.has(deviceId))
      throw new BrowserOpenError("already_open", "the device has a slot already");
    if (this.openSlots === 0) throw new BrowserOpenError("no_free_slot", "every slot hosts a device");
  }

  /** Gives the stay to puppeteer-cluster; the returned function ends it and resolves when the slot is free. */
  #host(stay: Stay): (graceful?: boolean) => Promise<void> {
    this.#queue.push(stay);
    const done = this.#cluster
      .execute(stay.deviceId, () => stay.released.promise)
      // A crashed page makes puppeteer-cluster reject; whoever uses the context has it from `lost` already.
      .catch(() => undefined)
      .finally(() => this.#stays.delete(stay.deviceId));
    const close = async (graceful?: boolean): Promise<void> => {
      const browser = await stay.opened.promise.catch(() => null);
      await browser?.close(graceful);
      stay.released.resolve();
      await done;
    };
    this.#stays.set(stay.deviceId, close);
    return close;
  }

  async #close(): Promise<void> {
    // Those that are still being launched give up; the others are told one by one.
    this.#closing.abort();
    await Promise.all([...this.#stays.values()].map((close) => close()));
    await this.#cluster.close();
  }
}

/** Opens the next stay in line; null when that failed (its own promise says why). Never rejects. */
async function openStay(
  stay: Stay | undefined,
  options: BrowserFleetOptions,
  gate: StartGate,
): Promise<DeviceBrowser | null> {
  if (stay === undefined) return null;
  try {
    const browser = await launchDeviceBrowser(stay.deviceId, options, gate, stay.signal);
    stay.opened.resolve(browser);
    return browser;
  } catch (error) {
    stay.released.resolve();
    stay.opened.reject(asOpenError(error));
    return null;
  }
}
