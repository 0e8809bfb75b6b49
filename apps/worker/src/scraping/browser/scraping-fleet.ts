import { EventEmitter } from "node:events";
import { createRequire } from "node:module";
import puppeteer, { type LaunchOptions, type Page } from "puppeteer";
import { Cluster } from "puppeteer-cluster";
import type concurrency from "puppeteer-cluster/dist/concurrency/ConcurrencyImplementation.js";
import type {
  JobInstance,
  WorkerInstance,
} from "puppeteer-cluster/dist/concurrency/ConcurrencyImplementation.js";
import { deferred } from "../../browser/deferred.ts";
import { ContextSource, type ContextSourceOptions } from "./context-source.ts";
import type { VisitContext } from "./visit-context.ts";

// Not in the package's index; see profile-concurrency.ts.
const base = "puppeteer-cluster/dist/concurrency/ConcurrencyImplementation.js";
const { default: ConcurrencyImplementation }: typeof concurrency = createRequire(import.meta.url)(base);

export interface ScrapingFleetOptions extends ContextSourceOptions {
  /** The most visits at once. */
  readonly slots: number;
}

/** puppeteer-cluster cannot be told to have no timeout; visits have their own. */
const noTimeoutMs = 2 ** 31 - 1;

/**
 * The contexts in which a worker visits websites: puppeteer-cluster's isolated contexts (a fresh one for each task, as
 * its CONCURRENCY_CONTEXT has), on a browser with fewer parts, and made before they are wanted.
 */
export class ScrapingFleet {
  readonly #source: ContextSource;
  readonly #cluster: Cluster<null, unknown>;
  readonly #contexts: WeakMap<Page, VisitContext | Error>;

  private constructor(
    source: ContextSource,
    cluster: Cluster<null, unknown>,
    contexts: WeakMap<Page, VisitContext | Error>,
  ) {
    this.#source = source;
    this.#cluster = cluster;
    this.#contexts = contexts;
  }

  /** Starts no browser: that is done when the first visit comes. */
  static async launch(options: ScrapingFleetOptions): Promise<ScrapingFleet> {
    const source = new ContextSource(options);
    const contexts = new WeakMap<Page, VisitContext | Error>();
    const cluster: Cluster<null, unknown> = await Cluster.launch({
      concurrency: contextConcurrency(source, contexts),
      maxConcurrency: Math.max(1, options.slots),
      timeout: noTimeoutMs,
      retryLimit: 0,
      puppeteer,
    });
    return new ScrapingFleet(source, cluster, contexts);
  }

  /** Does `work` in a fresh context, which ends with it. Rejects as it does, or when no browser can be started. */
  async visit<T>(work: (context: VisitContext) => Promise<T>): Promise<T> {
    const ended = deferred<T>();
    const run = async (page: Page): Promise<T> => {
      const context = this.#contexts.get(page) ?? new Error("no context");
      if (context instanceof Error) throw context;
      return await work(context);
    };
    // What the cluster says itself is not asked for: a page that crashes late makes it reject what has succeeded.
    const executed = this.#cluster.execute(null, async ({ page }) => {
      await run(page).then(ended.resolve, ended.reject);
    });
    executed.catch(ended.reject);
    return await ended.promise;
  }

  async memoryMb(): Promise<number | null> {
    return await this.#source.memoryMb();
  }

  /** Visits have to have ended. */
  async close(): Promise<void> {
    await this.#cluster.close();
    await this.#source.close();
  }
}

type Implementation = new (options: LaunchOptions, puppeteer: unknown) => concurrency.default;

/**
 * `jobInstance` must never throw: one that goes on throwing leaves `execute()` pending for ever. So a context that could
 * not be made becomes a page that is none, with the reason beside it.
 */
function contextConcurrency(
  source: ContextSource,
  contexts: WeakMap<Page, VisitContext | Error>,
): Implementation {
  const jobInstance = async (): Promise<JobInstance> => {
    try {
      const context = await source.take();
      contexts.set(context.page, context);
      return { resources: { page: context.page }, close: async () => source.release(context) };
    } catch (error) {
      const page = new EventEmitter() as unknown as Page;
      contexts.set(page, error instanceof Error ? error : new Error(String(error)));
      return { resources: { page }, close: async () => undefined };
    }
  };
  return class ContextConcurrency extends ConcurrencyImplementation {
    async init(): Promise<void> {
      // The browser is started when the first visit comes.
    }

    async close(): Promise<void> {
      // The source is closed after the cluster, by whoever opened both.
    }

    async workerInstance(): Promise<WorkerInstance> {
      return { jobInstance, close: async () => undefined, repair: async () => undefined };
    }
  };
}
