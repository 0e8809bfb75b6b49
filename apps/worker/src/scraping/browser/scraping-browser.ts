import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sleep, type Logger } from "@pregonero/runtime";
import puppeteer, { type Browser } from "puppeteer";
import { launchOptionsFor, type BrowserSettings } from "../../browser/launch-options.ts";
import { killHard, memoryMbOf, pidsOfGroup, waitUntilGone } from "../../browser/processes.ts";
import type { SiteNetwork } from "../network/site-network.ts";
import { scrapingFlags, type ScrapingFlagSettings } from "./scraping-flags.ts";
import { VisitContext } from "./visit-context.ts";

export interface ScrapingBrowserOptions extends BrowserSettings, ScrapingFlagSettings {
  readonly network: SiteNetwork;
  /** Contexts that are kept ready: making one takes longer than many a visit. */
  readonly spares: number;
  readonly launchTimeoutMs: number;
  readonly log: Logger;
}

const gracefulCloseMs = 3_000;
const killWaitMs = 5_000;
/** A command that the browser does not answer in this time is given up, ms. */
const protocolTimeoutMs = 60_000;

const folderPrefix = "pregonero-scraping-";

/** Removes the folders of workers that were killed: their browsers have ended with them, at the end of the pipe. */
async function sweep(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const pid = Number(new RegExp(`^${folderPrefix}(\\d+)-`).exec(name)?.[1] ?? process.pid);
    if (isAlive(pid)) continue;
    await rm(join(tmpdir(), name), { recursive: true, force: true }).catch(() => undefined);
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** One Chromium in which many contexts live, each for one visit. */
export class ScrapingBrowser {
  readonly #browser: Browser;
  readonly #profileDir: string;
  readonly #options: ScrapingBrowserOptions;
  readonly #spares: Promise<VisitContext>[] = [];
  readonly #open = new Set<VisitContext>();
  #made = 0;
  #closing: Promise<void> | undefined;

  private constructor(browser: Browser, profileDir: string, options: ScrapingBrowserOptions) {
    this.#browser = browser;
    this.#profileDir = profileDir;
    this.#options = options;
  }

  static async launch(options: ScrapingBrowserOptions): Promise<ScrapingBrowser> {
    await sweep();
    const profileDir = await mkdtemp(join(tmpdir(), `${folderPrefix}${process.pid}-`));
    try {
      const browser = await puppeteer.launch({
        ...launchOptionsFor(profileDir, options, scrapingFlags(options)),
        timeout: options.launchTimeoutMs,
        protocolTimeout: protocolTimeoutMs,
      });
      return new ScrapingBrowser(browser, profileDir, options);
    } catch (error) {
      await rm(profileDir, { recursive: true, force: true });
      throw error;
    }
  }

  /** Contexts made so far: a browser grows with them. */
  get made(): number {
    return this.#made;
  }

  /** Visits that are under way. */
  get visits(): number {
    return this.#open.size;
  }

  get usable(): boolean {
    return this.#browser.connected && this.#closing === undefined;
  }

  /** An empty context, from those that are ready if there is one. Whoever takes it closes it with `release`. */
  async take(): Promise<VisitContext> {
    const context = await (this.#spares.shift() ?? this.#make());
    this.#open.add(context);
    this.prepare();
    return context;
  }

  /** Makes contexts ahead. */
  prepare(): void {
    while (this.usable && this.#spares.length < this.#options.spares) {
      const spare = this.#make();
      // Whoever takes it is told; until then nobody listens.
      spare.catch(() => undefined);
      this.#spares.push(spare);
    }
  }

  /** Ends a visit's context. A browser that does not let go of it is ended as well. */
  async release(context: VisitContext): Promise<void> {
    const took = await context.close();
    this.#open.delete(context);
    if (took || !this.usable) return;
    this.#options.log.warn("a browser that hangs is ended", { visits: this.#open.size });
    await this.close(false);
  }

  async memoryMb(): Promise<number | null> {
    const pid = this.#browser.process()?.pid;
    return pid === undefined ? null : await memoryMbOf(await pidsOfGroup(pid));
  }

  /** Ends the browser with all of its processes; never rejects. */
  close(graceful = true): Promise<void> {
    this.#closing ??= this.#close(graceful);
    return this.#closing;
  }

  #make(): Promise<VisitContext> {
    this.#made++;
    return VisitContext.open(this.#browser, this.#options.network);
  }

  async #close(graceful: boolean): Promise<void> {
    const pid = this.#browser.process()?.pid;
    for (const spare of this.#spares) spare.then((context) => context.seat.close()).catch(() => undefined);
    if (graceful) {
      const timer = new AbortController();
      const closed = this.#browser.close().catch(() => undefined);
      await Promise.race([closed, sleep(gracefulCloseMs, timer.signal)]);
      timer.abort();
    }
    if (pid !== undefined) {
      const members = (): Promise<number[]> => pidsOfGroup(pid);
      // The group and not the process: renderers and helpers are in it and would outlive their parent for a while.
      if ((await members()).length > 0) killHard(-pid);
      await waitUntilGone(members, killWaitMs);
    }
    await rm(this.#profileDir, { recursive: true, force: true }).catch((error: unknown) =>
      this.#options.log.warn("a browser's folder was left behind", { error }),
    );
  }
}
