import { monotonicMs } from "@pregonero/runtime";
import type { HTTPRequest, HTTPResponse } from "puppeteer";
import type { VisitContext } from "../browser/visit-context.ts";
import type { SeatFailure } from "../network/proxy-seat.ts";
import type { Deadline } from "./deadline.ts";
import { codeOfNetError, netErrorIn, VisitFailure } from "./failure.ts";

export interface Arrival {
  /** Of the document that the visit ended on. */
  readonly response: HTTPResponse;
  readonly redirects: readonly { readonly url: string; readonly status: number }[];
  /** The page said that it has loaded. */
  readonly loaded: boolean;
}

/** A page that goes on to another one (meta refresh, a script) does so within this time of having loaded, ms. */
const quietMs = 150;
/** The longest announced refresh that is waited for, s. */
const longestRefreshS = 5;
/** A failed navigation's request is waited for so long, ms. */
const tellMs = 500;
/** While a page that went on is loading, it is looked at so often, ms. */
const lookMs = 20;
/** Of the time of the visit, what loading may take: the rest is for looking at what has come. */
const loadShare = 0.7;

/** Runs in the page, as text: the worker itself has no DOM. */
const readRefresh = `document.querySelector('meta[http-equiv="refresh" i]')?.getAttribute("content") ?? ""`;

/** Follows the documents of a page's main frame, wherever it goes. */
export class Navigation {
  readonly #context: VisitContext;
  readonly #deadline: Deadline;
  readonly #maxRedirects: number;
  readonly #documents: HTTPResponse[] = [];
  #failed: HTTPRequest | undefined;
  /** The document whose loading was told last. */
  #loaded: HTTPResponse | undefined;
  #pending = 0;
  #started = 0;
  #onStart: () => void = () => undefined;

  constructor(context: VisitContext, deadline: Deadline, maxRedirects: number) {
    this.#context = context;
    this.#deadline = deadline;
    this.#maxRedirects = maxRedirects;
    const { page } = context;
    const isDocument = (request: HTTPRequest): boolean =>
      request.isNavigationRequest() && request.frame() === page.mainFrame();
    page.on("request", (request) => {
      if (!isDocument(request)) return;
      this.#pending++;
      this.#started++;
      this.#onStart();
    });
    page.on("response", (response) => {
      if (!isDocument(response.request())) return;
      this.#pending--;
      this.#documents.push(response);
    });
    page.on("load", () => (this.#loaded = this.#documents.at(-1)));
    page.on("requestfailed", (request) => {
      if (!isDocument(request)) return;
      this.#pending = Math.max(0, this.#pending - 1);
      this.#failed = request;
    });
  }

  /** Opens the address and goes where it leads. @throws VisitFailure */
  async arrive(url: string): Promise<Arrival> {
    let loaded = await this.#open(url);
    while (await this.#goesOn()) {
      this.#refuseLoop();
      loaded = await this.#untilLoaded();
    }
    this.#refuseLoop();
    this.#refuseFailed();
    const response = this.#documents.at(-1);
    if (!response) throw new VisitFailure("connection", "no document came");
    const redirects = this.#documents.slice(0, -1).map((hop) => ({ url: hop.url(), status: hop.status() }));
    return { response, redirects, loaded };
  }

  async #open(url: string): Promise<boolean> {
    const { page } = this.#context;
    const timeout = Math.max(1, this.#deadline.leftMs * loadShare);
    try {
      await this.#deadline.within(page.goto(url, { waitUntil: "load", timeout }));
      return true;
    } catch (error) {
      if (error instanceof VisitFailure) throw error;
      return await this.#judge(error, url);
    }
  }

  /** What is left to see of a navigation that did not end well. Whether it has loaded; or throws. */
  async #judge(error: unknown, url: string): Promise<false> {
    const text = error instanceof Error ? error.message : String(error);
    const netError = netErrorIn(text);
    // Which request it was may be told a little later.
    for (let waitedMs = 0; netError !== undefined && !this.#failed && waitedMs < tellMs; waitedMs += lookMs) {
      await this.#deadline.pause(lookMs);
    }
    if (netError !== undefined) throw this.#failureOf(this.#failed?.url() ?? url, netError);
    this.#refuseFailed();
    // Too slow to load, but the document is there: what it holds is worth a report.
    if (/timeout/i.test(text) && this.#documents.length > 0) return false;
    if (/timeout/i.test(text)) throw new VisitFailure("timeout", "the site did not answer in time");
    throw new VisitFailure("connection", "the page could not be opened");
  }

  /** Whether the page goes on to another document by itself. */
  async #goesOn(): Promise<boolean> {
    const before = this.#started;
    if (this.#pending > 0) return true;
    const refreshMs = await this.#refreshMs();
    const next = new Promise<void>((resolve) => (this.#onStart = resolve));
    await Promise.race([this.#deadline.pause(refreshMs + quietMs), next]);
    return this.#started > before;
  }

  async #refreshMs(): Promise<number> {
    const { page } = this.#context;
    // The page may just have gone on.
    const read = page.evaluate(readRefresh).catch(() => "");
    const seconds = Number(
      /^\s*(\d+(?:\.\d+)?)\s*[;,]/.exec(String(await this.#deadline.within(read)))?.[1] ?? Number.NaN,
    );
    return seconds <= longestRefreshS ? seconds * 1_000 : 0;
  }

  async #untilLoaded(): Promise<boolean> {
    const endsAtMs = monotonicMs() + this.#deadline.leftMs * loadShare;
    const isLoaded = (): boolean => this.#pending === 0 && this.#loaded === this.#documents.at(-1);
    while (!isLoaded() && monotonicMs() < endsAtMs) {
      this.#refuseFailed();
      await this.#deadline.pause(lookMs);
    }
    this.#refuseFailed();
    return isLoaded();
  }

  #refuseLoop(): void {
    const hops = this.#documents.length - 1;
    if (hops > this.#maxRedirects)
      throw new VisitFailure("redirect_loop", `more than ${this.#maxRedirects} redirects`);
  }

  /** A document of the main frame that could not be had ends the visit: the one before it is not where it leads. */
  #refuseFailed(): void {
    const request = this.#failed;
    if (!request) return;
    throw this.#failureOf(request.url(), netErrorIn(request.failure()?.errorText ?? "") ?? "ERR_FAILED");
  }

  /**
   * Before a first document nothing but the navigation asks for anything. The browser may blame the address that redirected
   * for what is wrong with the one that it led to, when it tells of the redirect too late.
   */
  #failureOnTheWay(): SeatFailure | undefined {
    const onTheWay = this.#documents.every((document) => document.status() >= 300 && document.status() < 400);
    return onTheWay ? this.#context.seat.failures.at(-1) : undefined;
  }

  #failureOf(url: string, netError: string): VisitFailure {
    const { seat } = this.#context;
    const host = URL.canParse(url) ? new URL(url).hostname : "";
    if (seat.exhausted) return new VisitFailure("too_large", "the site sends more than the job allows");
    // Tunnels that fail all look alike to the browser; whoever refused to dig them knows why.
    const known = /^ERR_(CERT|SSL|TOO_MANY)/.test(netError)
      ? undefined
      : (seat.failureOf(host) ?? this.#failureOnTheWay());
    if (known) return new VisitFailure(known.code, known.message);
    return new VisitFailure(codeOfNetError(netError), netErrorText(netError, host));
  }
}

function netErrorText(netError: string, host: string): string {
  const code = codeOfNetError(netError);
  if (code === "redirect_loop") return "the site redirects without end";
  if (code === "download") return "the address is a file to download, not a page";
  return `${host}: ${netError.replace(/^ERR_/, "").replaceAll("_", " ").toLowerCase()}`;
}
