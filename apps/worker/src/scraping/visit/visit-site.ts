import type { ReportData, ScrapingConfig } from "@pregonero/contracts";
import { monotonicMs, sleep } from "@pregonero/runtime";
import type { HTTPResponse } from "puppeteer";
import type { Dispatcher } from "undici";
import type { VisitContext } from "../browser/visit-context.ts";
import { Deadline } from "./deadline.ts";
import { VisitFailure } from "./failure.ts";
import { checkLinks } from "./link-check.ts";
import { Navigation } from "./navigation.ts";
import { pageFactsSchema, readPage, type PageFacts } from "./page-facts.ts";
import { toReport } from "./report.ts";
import type { RobotsDesk } from "./robots.ts";
import { takeScreenshots, type Screenshots } from "./screenshots.ts";
import { lookFor } from "./technologies.ts";

export interface VisitTools {
  readonly agent: Dispatcher;
  readonly robots: RobotsDesk;
  readonly userAgent: string;
}

export interface Visit {
  readonly url: string;
  readonly config: ScrapingConfig;
  /** Ends the visit at once. */
  readonly signal: AbortSignal;
}

export interface VisitResult {
  readonly report: ReportData;
  readonly screenshots: Screenshots | null;
}

/** The browser has gone, with every visit that it had: nothing is known about this site. */
export class BrowserGone extends Error {
  override readonly name = "BrowserGone";
}

/** Whoever ordered the visit does not want it any more. */
export class VisitAborted extends Error {
  override readonly name = "VisitAborted";
}

/** Links are tried for so long at most, ms. */
const linkCheckMs = 10_000;

/** That a page or a browser has gone may be told so much later than what goes wrong by it, ms. */
const tellMs = 300;

/** Visits one site in a context of its own. @throws VisitFailure, BrowserGone, VisitAborted */
export async function visitSite(
  context: VisitContext,
  visit: Visit,
  tools: VisitTools,
): Promise<VisitResult> {
  const broken = breaking(context, visit);
  try {
    return await look(context, { visit, tools, broken });
  } catch (error) {
    if (isCertain(error)) throw error;
    // Whatever a dying browser complains of is not the site's fault.
    throw await Promise.race([broken.catch((reason: unknown) => reason), sleep(tellMs).then(() => error)]);
  }
}

function isCertain(error: unknown): boolean {
  if (error instanceof VisitFailure) return error.code !== "connection";
  return error instanceof BrowserGone || error instanceof VisitAborted;
}

interface Look {
  readonly visit: Visit;
  readonly tools: VisitTools;
  /** Rejects when there is no going on. */
  readonly broken: Promise<never>;
}

async function look(context: VisitContext, { visit, tools, broken }: Look): Promise<VisitResult> {
  const { config, signal } = visit;
  const startedAtMs = monotonicMs();
  const deadline = new Deadline(config.timeout_ms, broken);
  const requests = countRequests(context);
  const navigation = new Navigation(context, deadline, config.max_redirects);
  const arrival = await navigation.arrive(visit.url);
  refuseStatus(arrival.response);
  const finalUrl = arrival.response.url();
  if (config.respect_robots) await deadline.within(tools.robots.check(finalUrl, signal));
  if (!arrival.loaded) context.note("the page did not finish loading");
  const facts = await deadline.within(readFacts(context));
  const [links, screenshots] = await deadline.within(
    Promise.all([
      tryLinks(facts, finalUrl, { visit, tools, deadline }),
      config.screenshot ? takeScreenshots(context.page, facts.height) : null,
    ]),
  );
  for (const { host, code } of context.seat.failures) context.note(`request refused: ${host} (${code})`);
  const report = toReport({
    arrival,
    facts,
    links,
    visitMs: monotonicMs() - startedAtMs,
    bytes: context.seat.bytes,
    requests: requests(),
    notes: context.notes,
  });
  return { report, screenshots };
}

/** Rejects when there is no going on; the first reason counts. */
function breaking(context: VisitContext, { config, signal }: Visit): Promise<never> {
  return new Promise((_, reject) => {
    context.seat.limit(config.max_bytes, () =>
      reject(new VisitFailure("too_large", `the site sends more than ${config.max_bytes} bytes`)),
    );
    const aborted = (): void => reject(new VisitAborted("the visit was called off"));
    if (signal.aborted) aborted();
    signal.addEventListener("abort", aborted, { once: true });
    void context.lost.then((reason) => {
      signal.removeEventListener("abort", aborted);
      reject(
        reason === "browser gone"
          ? new BrowserGone("the browser is gone")
          : new VisitFailure("crash", "the page ended its own process"),
      );
    });
  });
}

function countRequests({ page }: VisitContext): () => number {
  let count = 0;
  page.on("request", (request) => {
    if (/^(https?|wss?):/.test(request.url())) count++;
  });
  return () => count;
}

const refusals = new Set([401, 403, 407, 429, 451]);

/** @throws VisitFailure for an answer that is no page */
function refuseStatus(response: HTTPResponse): void {
  const status = response.status();
  if (status < 400) return;
  const code = refusals.has(status) ? "blocked" : "http";
  const retryAfterMs = Number(response.headers()["retry-after"] ?? Number.NaN) * 1_000;
  throw new VisitFailure(code, `the site answers HTTP ${status}`, {
    httpStatus: status,
    finalUrl: response.url(),
    retryAfterMs: Number.isFinite(retryAfterMs) ? retryAfterMs : null,
  });
}

async function readFacts({ page }: VisitContext): Promise<PageFacts> {
  // `__name` is what esbuild (tsx) puts around functions; in the page there is none.
  const source = `(() => { const __name = (target) => target; return (${readPage.toString()})(${JSON.stringify(lookFor)}); })()`;
  const facts = pageFactsSchema.safeParse(await page.evaluate(source));
  if (facts.success) return facts.data;
  throw new VisitFailure("internal", "the page cannot be read");
}

/** As many links as the job wants, the site's own and others in turn. */
async function tryLinks(
  facts: PageFacts,
  finalUrl: string,
  { visit, tools, deadline }: { visit: Visit; tools: VisitTools; deadline: Deadline },
): Promise<{ checked: number; broken: ReportData["links"]["broken_links"] }> {
  const { config } = visit;
  const candidates = facts.links.filter(
    (url) => url !== finalUrl && (!config.respect_robots || tools.robots.mayFollow(url)),
  );
  const links = inTurn(candidates, new URL(finalUrl).hostname).slice(0, config.max_link_checks);
  if (links.length === 0) return { checked: 0, broken: [] };
  const signal = AbortSignal.any([
    visit.signal,
    AbortSignal.timeout(Math.floor(Math.min(linkCheckMs, deadline.leftMs / 2))),
  ]);
  return await checkLinks(links, { agent: tools.agent, userAgent: tools.userAgent, signal });
}

function inTurn(links: readonly string[], host: string): string[] {
  const isOwn = (url: string): boolean => new URL(url).hostname === host;
  const own = links.filter(isOwn);
  const others = links.filter((url) => !isOwn(url));
  const longest = Math.max(own.length, others.length);
  return Array.from({ length: longest }, (_, n) => [own[n], others[n]])
    .flat()
    .filter((url) => url !== undefined);
}
