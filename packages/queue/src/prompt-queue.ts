import type { Queue } from "bullmq";

/** What a caller is told when Redis is away: nothing was done, and nothing is left behind that will be done later. */
class QueueAway extends Error {
  override readonly name = "QueueAway";
}

/**
 * A queue for callers that must not wait. BullMQ lets every command on a queue that has not met Redis yet wait until it
 * does, which may be never; here it is refused after `patienceMs`, before it is begun. Once a queue has met Redis its
 * connection bounds each command by itself.
 */
export class PromptQueue<T> {
  readonly #queue: Queue<T>;
  readonly #patienceMs: number;
  readonly #met: Promise<boolean>;
  #ready = false;

  constructor(queue: Queue<T>, patienceMs: number) {
    this.#queue = queue;
    this.#patienceMs = patienceMs;
    // One promise for all callers, never rejected: those who gave up leave nothing pending of their own.
    this.#met = queue.waitUntilReady().then(
      () => (this.#ready = true),
      () => false,
    );
  }

  /** @throws QueueAway */
  async get(): Promise<Queue<T>> {
    if (!this.#ready && !(await this.#meetsInTime())) {
      throw new QueueAway(`Redis did not answer within ${this.#patienceMs} ms`);
    }
    return this.#queue;
  }

  async close(): Promise<void> {
    await this.#queue.close();
  }

  async #meetsInTime(): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<false>((resolve) => {
      timer = setTimeout(() => resolve(false), this.#patienceMs);
    });
    try {
      return await Promise.race([this.#met, late]);
    } finally {
      clearTimeout(timer);
    }
  }
}
