import { BullMQAdapter } from "@bull-board/api/bullMQAdapter";
import type { BaseAdapter } from "@bull-board/api/baseAdapter";
import { turnJobSchema, turnQueueName, type TurnJob } from "@pregonero/contracts";
import { Queue, Worker, type Job } from "bullmq";
import { PromptQueue } from "./prompt-queue.ts";

export interface TurnQueuesOptions {
  readonly url: string;
  readonly prefix: string;
  /** Longest time that one turn takes, ms; the queue job's lock outlives it. */
  readonly turnMs: number;
  readonly onError: (error: Error) => void;
}

/** Figures of one queue, as BullMQ counts them. */
export interface QueueCounts {
  readonly name: string;
  readonly waiting: number;
  readonly active: number;
  readonly completed: number;
  readonly failed: number;
  readonly delayed: number;
  readonly paused: number;
}

const turnKey = "turn";
/** How long a call may wait for Redis; the same as each command's own bound. */
const patienceMs = 2_000;

export interface TurnConsumer {
  close(): Promise<void>;
}

/**
 * One BullMQ queue per device; a job in it says "this device has work". However large the backlog, at most one such job
 * waits and one is active. The backlog itself is rows in Postgres, so a lost or doubled queue job loses or doubles
 * nothing: BullMQ's own retries and stalled-job recovery are off, ours look at the rows.
 */
export class TurnQueues {
  readonly #options: TurnQueuesOptions;
  readonly #queues = new Map<number, PromptQueue<TurnJob>>();

  constructor(options: TurnQueuesOptions) {
    this.#options = options;
  }

  /** Puts a turn in the device's queue unless one waits there. Rejects within seconds when Redis is away. */
  async wake(deviceId: number): Promise<void> {
    const queue = await this.#queue(deviceId).get();
    await queue.add(
      "turn",
      { deviceId },
      {
        attempts: 1,
        removeOnComplete: { age: 3_600, count: 100 },
        removeOnFail: { age: 86_400, count: 100 },
        deduplication: { id: turnKey, keepLastIfActive: true },
      },
    );
  }

  /**
   * Forgets what a former consumer left in the device's queue (a turn that was active when its worker died would hold
   * back the next one until its lock ran out). Only for the holder of the device's lease.
   */
  async reset(deviceId: number): Promise<void> {
    const queue = await this.#queue(deviceId).get();
    await queue.obliterate({ force: true });
    // The key outlives its job when the job is wiped out: every later turn would count as a duplicate of nothing.
    await queue.removeDeduplicationKey(turnKey);
  }

  /** Runs turns of one device, one at a time. Only for the holder of the device's lease. */
  consume(deviceId: number, runTurn: (signal: AbortSignal) => Promise<void>): TurnConsumer {
    const stop = new AbortController();
    const worker = new Worker<TurnJob>(
      turnQueueName(deviceId),
      async (job: Job<TurnJob>) => {
        turnJobSchema.parse(job.data);
        await runTurn(stop.signal);
      },
      {
        connection: this.#connection(null),
        prefix: this.#options.prefix,
        concurrency: 1,
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

  async counts(deviceIds: readonly number[]): Promise<QueueCounts[]> {
    return await Promise.all(
      deviceIds.map(async (deviceId) => await countsOf(await this.#queue(deviceId).get())),
    );
  }

  /** Removes finished queue jobs older than `olderThanMs`. @returns how many */
  async clean(deviceId: number, olderThanMs: number): Promise<number> {
    const queue = await this.#queue(deviceId).get();
    const completed = await queue.clean(olderThanMs, 10_000, "completed");
    const failed = await queue.clean(olderThanMs, 10_000, "failed");
    return completed.length + failed.length;
  }

  /** The devices' queues for a board that shows them and changes nothing. Rejects within seconds when Redis is away. */
  async forBoard(devices: readonly { readonly id: number; readonly name: string }[]): Promise<BaseAdapter[]> {
    return await Promise.all(
      devices.map(async ({ id, name }) => {
        const queue = await this.#queue(id).get();
        return new BullMQAdapter(queue, { readOnlyMode: true, description: name });
      }),
    );
  }

  async close(): Promise<void> {
    await Promise.all([...this.#queues.values()].map((queue) => queue.close()));
    this.#queues.clear();
  }

  #queue(deviceId: number): PromptQueue<TurnJob> {
    const known = this.#queues.get(deviceId);
    if (known) return known;
    const queue = new Queue<TurnJob>(turnQueueName(deviceId), {
      connection: this.#connection(1),
      prefix: this.#options.prefix,
    });
    queue.on("error", this.#options.onError);
    const prompt = new PromptQueue(queue, patienceMs);
    this.#queues.set(deviceId, prompt);
    return prompt;
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

/** What one queue holds: of a paused one everything that waits counts as paused. */
export async function countsOf(queue: Queue): Promise<QueueCounts> {
  const [counts, paused] = [await queue.getJobCounts(), await queue.isPaused()];
  const { waiting = 0, active = 0, completed = 0, failed = 0, delayed = 0 } = counts;
  return {
    name: queue.name,
    waiting: paused ? 0 : waiting,
    active,
    completed,
    failed,
    delayed,
    paused: paused ? waiting : 0,
  };
}
