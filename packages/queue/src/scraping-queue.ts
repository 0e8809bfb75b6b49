import { scrapingQueueName, scrapingTurnSchema, type ScrapingTurn } from "@pregonero/contracts";
import { Queue, Worker, type Job } from "bullmq";
import { PromptQueue } from "./prompt-queue.ts";
import { countsOf, type QueueCounts, type TurnConsumer } from "./turn-queues.ts";

export interface ScrapingQueueOptions {
  readonly url: string;
  readonly prefix: string;
  /** Longest time that one turn takes, ms; the queue job's lock outlives it. */
  readonly turnMs: number;
  readonly onError: (error: Error) => void;
}

/** How long a call waits for Redis before it fails. */
const patienceMs = 2_000;

/** Turns that may wait at once: more than all workers together begin in a moment, and few to forget. */
const mostWaiting = 64;

/**
 * The queue of scraping work. A job in it says "there is work" and no more: which step is next is decided by whoever
 * claims one, over all jobs. Lost or doubled turns lose and double nothing.
 */
export class ScrapingQueue {
  readonly #options: ScrapingQueueOptions;
  readonly #queue: PromptQueue<ScrapingTurn>;

  constructor(options: ScrapingQueueOptions) {
    this.#options = options;
    const queue = new Queue<ScrapingTurn>(scrapingQueueName, {
      connection: this.#connection(1),
      prefix: options.prefix,
    });
    queue.on("error", options.onError);
    this.#queue = new PromptQueue(queue, patienceMs);
  }

  /** Sees to it that at least `turns` wait (at most 64). Rejects within seconds when Redis is away. */
  async wake(turns: number): Promise<void> {
    const queue = await this.#queue.get();
    const missing = Math.min(turns, mostWaiting) - (await queue.getWaitingCount());
    if (missing <= 0) return;
    const opts = {
      attempts: 1,
      removeOnComplete: { age: 3_600, count: 100 },
      removeOnFail: { age: 86_400, count: 100 },
    };
    await queue.addBulk(Array.from({ length: missing }, () => ({ name: "turn", data: {}, opts })));
  }

  /** Runs up to `concurrency` turns at once. */
  consume(concurrency: number, runTurn: (signal: AbortSignal) => Promise<void>): TurnConsumer {
    const stop = new AbortController();
    const worker = new Worker<ScrapingTurn>(
      scrapingQueueName,
      async (job: Job<ScrapingTurn>) => {
        scrapingTurnSchema.parse(job.data);
        await runTurn(stop.signal);
      },
      {
        connection: this.#connection(null),
        prefix: this.#options.prefix,
        concurrency,
        lockDuration: this.#options.turnMs * 3 + 30_000,
        maxStalledCount: 0,
        drainDelay: 5,
      },
    );
    worker.on("error", this.#options.onError);
    return {
      close: async () => {
        stop.abort();
        await worker.close();
      },
    };
  }

  async counts(): Promise<QueueCounts> {
    return await countsOf(await this.#queue.get());
  }

  /** Removes finished turns older than `olderThanMs`. @returns how many */
  async clean(olderThanMs: number): Promise<number> {
    const queue = await this.#queue.get();
    const completed = await queue.clean(olderThanMs, 10_000, "completed");
    const failed = await queue.clean(olderThanMs, 10_000, "failed");
    return completed.length + failed.length;
  }

  async close(): Promise<void> {
    await this.#queue.close();
  }

  /** BullMQ's consumers must wait for Redis for ever (`null`); producers give up so that a request never hangs. */
  #connection(maxRetriesPerRequest: number | null) {
    return {
      url: this.#options.url,
      maxRetriesPerRequest,
      ...(maxRetriesPerRequest === null ? {} : { commandTimeout: 2_000 }),
      retryStrategy: (times: number) => Math.min(times * 100, 1_000),
    };
  }
}
