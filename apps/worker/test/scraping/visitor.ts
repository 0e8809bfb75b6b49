import { scrapingConfigSchema, type ScrapingConfig } from "@pregonero/contracts";
import { createOutboundGuard } from "@pregonero/outbound";
import { createLogger } from "@pregonero/runtime";
import { ScrapingFleet, type ScrapingFleetOptions } from "../../src/scraping/browser/scraping-fleet.ts";
import type { VisitContext } from "../../src/scraping/browser/visit-context.ts";
import { readHostMap } from "../../src/scraping/network/host-map.ts";
import { openSiteAgent } from "../../src/scraping/network/site-agent.ts";
import { SiteNetwork } from "../../src/scraping/network/site-network.ts";
import { RobotsDesk } from "../../src/scraping/visit/robots.ts";
import { visitSite, type VisitResult } from "../../src/scraping/visit/visit-site.ts";
import { sampleSitesKey } from "./sample-sites.ts";

export interface VisitorOptions {
  readonly chromiumPath: string;
  readonly hostMap: readonly string[];
  readonly allow?: readonly string[];
  readonly fleet?: Partial<ScrapingFleetOptions>;
}

const userAgent = "Mozilla/5.0 (compatible; PregoneroBot/0.1.0; +https://example.com/robot)";

export const scrapingConfig = (config: Partial<ScrapingConfig> = {}): ScrapingConfig =>
  scrapingConfigSchema.parse({ timeout_ms: 15_000, ...config });

/** What visits need, without jobs and database. */
export class Visitor implements AsyncDisposable {
  readonly fleet: ScrapingFleet;
  readonly network: SiteNetwork;
  readonly #agent;
  readonly #robots: RobotsDesk;

  private constructor(fleet: ScrapingFleet, network: SiteNetwork) {
    this.fleet = fleet;
    this.network = network;
    this.#agent = openSiteAgent({ network, trustedKeys: [sampleSitesKey], timeoutMs: 8_000 });
    this.#robots = new RobotsDesk({ agent: this.#agent, userAgent, robotName: "PregoneroBot" });
  }

  static async open({ chromiumPath, hostMap, allow = [], fleet = {} }: VisitorOptions): Promise<Visitor> {
    const network = new SiteNetwork({
      guard: createOutboundGuard({ allow }),
      hostMap: readHostMap(hostMap),
      connectTimeoutMs: 5_000,
    });
    const launched = await ScrapingFleet.launch({
      executablePath: chromiumPath,
      headless: true,
      slots: 4,
      spares: 1,
      recycleAfter: 100,
      idleMs: 60_000,
      launchTimeoutMs: 30_000,
      network,
      userAgent,
      trustedKeys: [sampleSitesKey],
      log: createLogger({ service: "test", level: "error", stream: process.stderr }),
      ...fleet,
    });
    return new Visitor(launched, network);
  }

  async visit(
    url: string,
    config: Partial<ScrapingConfig> = {},
    signal: AbortSignal = new AbortController().signal,
  ): Promise<VisitResult> {
    const tools = { agent: this.#agent, robots: this.#robots, userAgent };
    const whole = scrapingConfig(config);
    if (whole.respect_robots) await this.#robots.check(url, signal);
    return await this.fleet.visit((context) => visitSite(context, { url, config: whole, signal }, tools));
  }

  /** Holds `count` contexts on a page each. @returns memory of the browsers meanwhile, MB */
  async memoryWith(count: number, url: string): Promise<number> {
    let arrived = 0;
    let measured: (mb: number) => void = () => undefined;
    const memory = new Promise<number>((resolve) => (measured = resolve));
    const hold = async (context: VisitContext): Promise<void> => {
      await context.page.goto(url, { waitUntil: "load" });
      if (++arrived === count) measured((await this.fleet.memoryMb()) ?? Number.NaN);
      await memory;
    };
    await Promise.all(Array.from({ length: count }, () => this.fleet.visit(hold)));
    return await memory;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.fleet.close();
    await this.#agent.destroy();
  }
}
