import { busChannel } from "@pregonero/contracts";
import {
  claimScrapingStep,
  confirmScrapingClaims,
  countClaimableSteps,
  finishScrapingStep,
  renewScrapingClaims,
  type Database,
} from "@pregonero/db";
import { createOutboundGuard } from "@pregonero/outbound";
import { ScrapingQueue, type EventBus } from "@pregonero/queue";
import type { Closer, Logger, Metrics } from "@pregonero/runtime";
import { openBlobStore } from "@pregonero/storage";
import type { WorkerEnv } from "./env.ts";
import { ScrapingFleet } from "./scraping/browser/scraping-fleet.ts";
import { readHostMap } from "./scraping/network/host-map.ts";
import { openSiteAgent } from "./scraping/network/site-agent.ts";
import { SiteNetwork } from "./scraping/network/site-network.ts";
import { RobotsDesk } from "./scraping/visit/robots.ts";
import { ClaimWatch } from "./scraping/work/claim-watch.ts";
import { Scraper } from "./scraping/work/scraper.ts";
import type { ScrapingNews } from "./scraping/work/scraping-news.ts";
import { StepRunner } from "./scraping/work/step-runner.ts";
import { robotName, userAgentOf } from "./scraping/user-agent.ts";

export interface ScrapingParts {
  readonly env: WorkerEnv;
  readonly workerId: string;
  readonly db: Database;
  readonly bus: EventBus;
  readonly news: ScrapingNews;
  readonly metrics: Metrics;
  readonly log: Logger;
  readonly closer: Closer;
}

/** Everything with which this worker visits websites. Registers its closes; without slots there is nothing to close. */
export async function composeScraping(parts: ScrapingParts): Promise<void> {
  const { env, workerId, db, bus, closer, news } = parts;
  const slots = env.MAX_SCRAPING_CONTEXTS;
  if (slots === 0) return;
  const log = parts.log.child({ part: "scraping" });
  const userAgent = userAgentOf(env.SCRAPING_CONTACT);
  const trustedKeys = env.SCRAPING_TRUSTED_KEYS;
  const network = new SiteNetwork({
    guard: createOutboundGuard({ allow: env.OUTBOUND_ALLOW, ports: env.OUTBOUND_PORTS }),
    hostMap: readHostMap(env.SCRAPING_HOST_MAP),
    connectTimeoutMs: 10_000,
  });
  const agent = openSiteAgent({ network, trustedKeys, timeoutMs: 8_000 });
  closer.add("site connections", () => agent.destroy());
  const blobs = openBlobStore(env);
  closer.add("blobs", () => blobs.close());
  const fleet = await ScrapingFleet.launch({
    ...(env.PUPPETEER_EXECUTABLE_PATH ? { executablePath: env.PUPPETEER_EXECUTABLE_PATH } : {}),
    headless: env.PUPPETEER_HEADLESS,
    slots,
    network,
    userAgent,
    trustedKeys,
    // One for each core that is likely to be free: more only fill memory.
    spares: Math.min(2, slots),
    recycleAfter: 300,
    idleMs: 60_000,
    launchTimeoutMs: 30_000,
    log,
  });
  closer.add("scraping browsers", () => fleet.close(), { timeoutMs: env.SHUTDOWN_MS });
  const queue = new ScrapingQueue({
    url: env.redisUrl,
    prefix: env.REDIS_PREFIX,
    turnMs: env.TURN_MS,
    onError: (error) => log.warn("queue", { error }),
  });
  closer.add("scraping queue", () => queue.close());
  const steps = parts.metrics.counter({
    name: "pregonero_scraping_steps_total",
    help: "Ends of visits by what became of the step and why",
    labelNames: ["status", "code"],
  });
  const claims = new ClaimWatch({
    confirm: (ids) => confirmScrapingClaims(db, ids),
    renew: (ids) => renewScrapingClaims(db, workerId, ids, env.LEASE_MS),
    leaseMs: env.LEASE_MS,
    log,
  });
  const scraper = new Scraper({
    slots,
    turnMs: env.TURN_MS,
    queue,
    store: {
      claim: () => claimScrapingStep(db, workerId, env.LEASE_MS),
      finish: (outcome) => finishScrapingStep(db, outcome),
      claimable: (most) => countClaimableSteps(db, most),
    },
    claims,
    runner: new StepRunner({
      fleet,
      tools: { agent, robots: new RobotsDesk({ agent, userAgent, robotName }), userAgent },
      blobs,
      log,
    }),
    moved: async (step) => {
      steps.inc({ status: step.status, code: step.errorCode ?? "" });
      await news.moved(step);
    },
    begun: () => news.owed(),
    log,
  });
  scraper.start();
  closer.add("scraper", () => scraper.close(), { timeoutMs: env.SHUTDOWN_MS });
  const unsubscribe = bus.subscribe(busChannel.workers(), (event) => {
    if (event.type === "scraping_wake") void claims.look();
  });
  closer.add("scraping wake-ups", () => unsubscribe());
}
