import { randomUUID } from "node:crypto";
import type { Logger } from "@pregonero/runtime";
import { sleep } from "@pregonero/runtime";
import type { Browser, Page } from "puppeteer";
import type { ContextReporter, ContextStatus } from "./context-reporter.ts";
import { deferred } from "./deferred.ts";
import { killHard, memoryMbOf, pidsOfGroup, waitUntilGone } from "./processes.ts";
import { killOrphans } from "./profile-lock.ts";

const gracefulCloseMs = 5_000;
const killWaitMs = 5_000;

export interface DeviceBrowserParts {
  readonly browser: Browser;
  readonly page: Page;
  readonly deviceId: number;
  readonly profileDir: string;
  readonly reporter: ContextReporter;
  readonly log: Logger;
}

/** One device's browser with its profile and its page: what a slot of the fleet holds. */
export class DeviceBrowser {
  /** Where the profile lives. */
  readonly profileDir: string;
  /** Unique for each opening, so that a report that comes late is not taken for the next one's. */
  readonly browserSystemId = randomUUID();
  readonly page: Page;
  readonly #parts: DeviceBrowserParts;
  readonly #pid: number | null;
  readonly #lost = deferred<string>();
  #status: ContextStatus = "disconnected";
  #detail: string | undefined;
  #closing: Promise<void> | undefined;

  constructor(parts: DeviceBrowserParts) {
    this.#parts = parts;
    this.page = parts.page;
    this.profileDir = parts.profileDir;
    this.#pid = parts.browser.process()?.pid ?? null;
    this.#watch();
    const { deviceId, reporter } = parts;
    reporter.opened({ browserSystemId: this.browserSystemId, deviceId, pid: this.#pid });
  }

  /** Resolves with the reason once the page, its renderer or the browser is gone. Never rejects. */
  get lost(): Promise<string> {
    return this.#lost.promise;
  }

  /** Reports a change of status; saying the same twice reports once. */
  report(status: ContextStatus, detail?: string): void {
    if (this.#status === "closed" || (this.#status === status && this.#detail === detail)) return;
    this.#status = status;
    this.#detail = detail;
    this.#parts.reporter.status(this.browserSystemId, status, detail);
  }

  /** Memory of the whole browser in MB, or null when it cannot be known. */
  async memoryMb(): Promise<number | null> {
    return this.#pid === null ? null : memoryMbOf(await pidsOfGroup(this.#pid));
  }

  /**
   * Ends the browser and all of its processes; never rejects. Gracefully, WhatsApp's stores are flushed first: SIGKILL
   * lost localStorage in 2 of 4 tries. Bounded: what does not close in time is killed.
   */
  close(graceful = true): Promise<void> {
    this.#closing ??= this.#close(graceful);
    return this.#closing;
  }

  #watch(): void {
    const { browser, page } = this.#parts;
    page.once("error", (error) => this.#lose(`page crashed: ${error.message}`));
    page.once("close", () => this.#lose("page closed"));
    browser.once("disconnected", () => this.#lose("browser gone"));
  }

  #lose(reason: string): void {
    // The first reason is the cause; a crash or a close is often followed by a disconnect.
    this.#lost.resolve(reason);
    if (this.#closing === undefined) this.report("error", reason);
  }

  async #close(graceful: boolean): Promise<void> {
    const { browser, profileDir, log } = this.#parts;
    this.#lost.resolve("closed");
    // The browser may be gone already; that is for `#endProcesses` to see to, not an error of closing.
    const closed = graceful ? browser.close().catch(() => undefined) : Promise.resolve();
    const timer = new AbortController();
    await Promise.race([closed, sleep(gracefulCloseMs, timer.signal)]);
    timer.abort();
    await this.#endProcesses();
    await killOrphans(profileDir, log).catch((error: unknown) => log.error("browser left behind", { error }));
    this.report("closed");
  }

  async #endProcesses(): Promise<void> {
    const pid = this.#pid;
    if (pid === null) return;
    const members = (): Promise<number[]> => pidsOfGroup(pid);
    if (!this.#parts.browser.connected && (await waitUntilGone(members, 200))) return;
    // The group and not the process: renderers and helpers are in it and would outlive their parent for a while.
    if ((await members()).length > 0) killHard(-pid);
    await waitUntilGone(members, killWaitMs);
  }
}
