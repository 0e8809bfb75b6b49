import type { MovedMessage, Outcome } from "@pregonero/db";
import { backoffMs, sleep, type Logger } from "@pregonero/runtime";

export interface OutcomeWriterOptions {
  /** Writes a batch in one transaction; repeating it must be harmless. */
  readonly apply: (outcomes: readonly Outcome[]) => Promise<MovedMessage[]>;
  /** Told what moved, in the order of commits. */
  readonly moved: (messages: readonly MovedMessage[]) => Promise<void>;
  readonly log: Logger;
  /** How long the first outcome of a batch waits for company, ms. */
  readonly gatherMs?: number;
  readonly maxBatch?: number;
}

/** Knowledge only grows: of two outcomes of one claim the further one is written. */
const rank: Readonly<Record<Outcome["state"], number>> = {
  unknown: 0,
  retrying: 1,
  failed: 1,
  sent: 2,
  delivered: 3,
  read: 4,
};

function further(one: Outcome | undefined, other: Outcome): Outcome {
  if (!one) return other;
  const [more, less] = rank[one.state] > rank[other.state] ? [one, other] : [other, one];
  // Whichever is written, the provider's name for the message is not lost.
  return less.providerRef === undefined ? more : { providerRef: less.providerRef, ...more };
}

/**
 * Gathers outcomes of all devices of this worker for a few milliseconds and writes them together: a batch of a hundred
 * costs Postgres about as much as one row. While the database is away outcomes wait in memory, in order; what the
 * process takes with it when it dies is found as an open claim and settled by lookup.
 */
export class OutcomeWriter {
  readonly #options: OutcomeWriterOptions;
  readonly #gatherMs: number;
  readonly #maxBatch: number;
  readonly #waiting = new Map<string, Outcome>();
  /** Being written now. */
  #writing: ReadonlySet<string> = new Set();
  #running: Promise<void> | undefined;
  #closed = false;

  constructor(options: OutcomeWriterOptions) {
    this.#options = options;
    this.#gatherMs = options.gatherMs ?? 15;
    this.#maxBatch = options.maxBatch ?? 500;
  }

  write(outcome: Outcome): void {
    const other = this.#waiting.get(outcome.providerMessageId);
    this.#waiting.set(outcome.providerMessageId, further(other, outcome));
    this.#running ??= this.#run();
  }

  /** Claims whose outcome is known here and not committed yet. */
  owned(): Set<string> {
    return new Set([...this.#waiting.keys(), ...this.#writing]);
  }

  /** How many outcomes wait to be written. */
  get backlog(): number {
    return this.#waiting.size;
  }

  /** Resolves when all that was given so far is committed. */
  async flush(): Promise<void> {
    while (this.#running) await this.#running;
  }

  /** Writes what is left for at most `boundMs`, then gives up. */
  async close(boundMs: number): Promise<void> {
    await Promise.race([this.flush(), sleep(boundMs)]);
    this.#closed = true;
  }

  async #run(): Promise<void> {
    await sleep(this.#gatherMs);
    while (this.#waiting.size > 0 && !this.#closed) {
      const batch = [...this.#waiting.values()].slice(0, this.#maxBatch);
      this.#writing = new Set(batch.map((outcome) => outcome.providerMessageId));
      for (const id of this.#writing) this.#waiting.delete(id);
      const moved = await this.#applyUntilDone(batch);
      this.#writing = new Set();
      await this.#options.moved(moved).catch((error: unknown) => {
        this.#options.log.error("moved messages could not be announced", { error });
      });
    }
    this.#running = undefined;
  }

  async #applyUntilDone(batch: readonly Outcome[]): Promise<MovedMessage[]> {
    for (let attempt = 1; !this.#closed; attempt++) {
      try {
        return await this.#options.apply(batch);
      } catch (error) {
        this.#options.log.warn("outcomes could not be written, trying again", {
          error,
          outcomes: batch.length,
          attempt,
        });
        await sleep(50 + backoffMs(attempt, { baseMs: 100, maxMs: 2_000 }));
      }
    }
    return [];
  }
}
