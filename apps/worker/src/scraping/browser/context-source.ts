import { ScrapingBrowser, type ScrapingBrowserOptions } from "./scraping-browser.ts";
import type { VisitContext } from "./visit-context.ts";

export interface ContextSourceOptions extends ScrapingBrowserOptions {
  /** Contexts after which a browser makes way for a new one. */
  readonly recycleAfter: number;
  /** A browser without visits for so long is closed, ms. */
  readonly idleMs: number;
}

/**
 * Gives out contexts. Starts the browser when the first is wanted, replaces it when it has died or grown old, and closes
 * it when nothing has been wanted for a while. Visits under way in an old browser end in it.
 */
export class ContextSource {
  readonly #options: ContextSourceOptions;
  readonly #homes = new Map<VisitContext, ScrapingBrowser>();
  readonly #browsers = new Set<ScrapingBrowser>();
  readonly #releasing = new Set<Promise<void>>();
  #current: Promise<ScrapingBrowser> | undefined;
  /** Contexts that are being made: their browser must not be taken for an idle one. */
  #taking = 0;
  #idle: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: ContextSourceOptions) {
    this.#options = options;
  }

  /** Rejects when no browser can be started. */
  async take(): Promise<VisitContext> {
    clearTimeout(this.#idle);
    this.#taking++;
    try {
      const browser = await this.#usable();
      const context = await takeFrom(browser);
      this.#homes.set(context, browser);
      return context;
    } finally {
      this.#taking--;
    }
  }

  /** Resolves at once: a context closes while the next visit is under way. */
  release(context: VisitContext): void {
    const browser = this.#homes.get(context);
    if (!browser) return;
    this.#homes.delete(context);
    const done = browser.release(context).then(() => this.#tidy());
    this.#releasing.add(done);
    void done.finally(() => this.#releasing.delete(done));
  }

  /** Of all browsers, or null when there is none. */
  async memoryMb(): Promise<number | null> {
    const all = await Promise.all([...this.#browsers].map((browser) => browser.memoryMb()));
    const known = all.filter((mb) => mb !== null);
    return known.length === 0 ? null : known.reduce((sum, mb) => sum + mb, 0);
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#idle);
    await this.#current?.catch(() => undefined);
    await Promise.all(this.#releasing);
    await Promise.all([...this.#browsers].map((browser) => browser.close()));
    this.#browsers.clear();
  }

  async #usable(): Promise<ScrapingBrowser> {
    for (;;) {
      if (this.#closed) throw new Error("the worker is closing");
      const asked = (this.#current ??= this.#launch());
      const browser = await asked;
      if (browser.usable && browser.made < this.#options.recycleAfter) return browser;
      if (this.#current === asked) this.#current = undefined;
    }
  }

  #launch(): Promise<ScrapingBrowser> {
    const launching = ScrapingBrowser.launch(this.#options).then((browser) => {
      this.#browsers.add(browser);
      return browser;
    });
    // The next one who asks tries again.
    launching.catch(() => (this.#current = undefined));
    return launching;
  }

  /** Closes browsers that are done for, and the last one after a while. */
  async #tidy(): Promise<void> {
    const current = await this.#current?.catch(() => undefined);
    for (const browser of this.#browsers) {
      if (browser.usable && (browser.visits > 0 || this.#taking > 0)) continue;
      if (browser.usable && browser === current && browser.made < this.#options.recycleAfter) continue;
      this.#browsers.delete(browser);
      await browser.close();
    }
    if (this.#homes.size + this.#taking > 0 || this.#closed || this.#browsers.size === 0) return;
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => void this.#rest(), this.#options.idleMs);
    this.#idle.unref();
  }

  async #rest(): Promise<void> {
    if (this.#homes.size + this.#taking > 0) return;
    this.#current = undefined;
    await this.#tidy();
  }
}

async function takeFrom(browser: ScrapingBrowser): Promise<VisitContext> {
  try {
    return await browser.take();
  } catch (error) {
    // A browser that makes no contexts is of no use, and is none the next time.
    await browser.close(false);
    throw error;
  }
}
