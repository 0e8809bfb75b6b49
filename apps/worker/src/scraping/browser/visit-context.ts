import { sleep } from "@pregonero/runtime";
import type { Browser, BrowserContext, Page, Target } from "puppeteer";
import { deferred } from "../../browser/deferred.ts";
import { ProxySeat } from "../network/proxy-seat.ts";
import type { SiteNetwork } from "../network/site-network.ts";

/** A context that does not close in this time has a browser that hangs. */
const closeMs = 3_000;

/** Notes of one visit: a page may show dialogs for ever. */
const mostNotes = 20;

/** Nothing of the machine itself bypasses the proxy: Chromium would otherwise go to the loopback directly. */
const noBypass = ["<-loopback>"];

/** An isolated context with one page, for one visit. Its traffic has a proxy of its own. */
export class VisitContext {
  readonly page: Page;
  readonly seat: ProxySeat;
  readonly #context: BrowserContext;
  readonly #browser: Browser;
  readonly #notes = new Set<string>();
  readonly #lost = deferred<string>();
  #closing: Promise<boolean> | undefined;

  private constructor(parts: { browser: Browser; context: BrowserContext; page: Page; seat: ProxySeat }) {
    this.page = parts.page;
    this.seat = parts.seat;
    this.#context = parts.context;
    this.#browser = parts.browser;
    this.#watch();
  }

  static async open(browser: Browser, network: SiteNetwork): Promise<VisitContext> {
    const seat = await ProxySeat.open(network);
    try {
      const context = await browser.createBrowserContext({
        proxyServer: seat.url,
        proxyBypassList: noBypass,
        downloadBehavior: { policy: "deny" },
      });
      const page = await context.newPage();
      return new VisitContext({ browser, context, page, seat });
    } catch (error) {
      seat.close();
      throw error;
    }
  }

  /** Resolves with the reason when the page, its renderer or the browser is gone. Never rejects. */
  get lost(): Promise<string> {
    return this.#lost.promise;
  }

  get notes(): readonly string[] {
    return [...this.#notes];
  }

  note(text: string): void {
    if (this.#notes.size < mostNotes) this.#notes.add(text);
  }

  /** Ends the visit, whatever the page does. Resolves with whether the browser took it; never rejects, safe to repeat. */
  close(): Promise<boolean> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<boolean> {
    this.#lost.resolve("closed");
    this.#browser.off("disconnected", this.#browserGone);
    // First the network: what still loads ends at once.
    this.seat.close();
    const timer = new AbortController();
    const closed = this.#context.close().then(
      () => true,
      // A browser that is gone has no contexts.
      () => !this.#browser.connected,
    );
    const took = await Promise.race([closed, sleep(closeMs, timer.signal).then(() => false)]);
    timer.abort();
    return took;
  }

  readonly #browserGone = (): void => this.#lost.resolve("browser gone");

  #watch(): void {
    this.page.once("error", () => this.#lost.resolve("page crashed"));
    // A browser that goes takes its pages along, and says so in any order.
    this.page.once("close", () =>
      this.#lost.resolve(this.#browser.connected ? "page closed" : "browser gone"),
    );
    this.#browser.once("disconnected", this.#browserGone);
    // A dialog stops all scripts of its page until somebody answers.
    this.page.on("dialog", (dialog) => {
      this.note(`dialog closed: ${dialog.type()}`);
      dialog.dismiss().catch(() => undefined);
    });
    this.#context.on("targetcreated", (target) => void this.#closePopUp(target));
  }

  async #closePopUp(target: Target): Promise<void> {
    if (target.type() !== "page" || target === this.page.target()) return;
    this.note("pop-up closed");
    try {
      const page = await target.page();
      await page?.close();
    } catch {
      // It closed by itself, or goes with the context.
    }
  }
}
