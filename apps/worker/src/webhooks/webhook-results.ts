import type { WebhookResult } from "@pregonero/db";
import { sleep, type Logger } from "@pregonero/runtime";

export interface WebhookResultsOptions {
  /** Writes a batch in one transaction. */
  readonly record: (results: readonly WebhookResult[]) => Promise<void>;
  /** Told of what is recorded, or given up. */
  readonly settled: (results: readonly WebhookResult[]) => void;
  readonly log: Logger;
  /** How long a result may be of use, ms: after that the delivery is in other hands. */
  readonly usefulMs: number;
}

const gatherMs = 10;
const mostAtOnce = 500;
const retryMs = 250;

/** Gathers results for some milliseconds and records them together: a hundred cost Postgres about as much as one. */
export class WebhookResults {
  readonly #options: WebhookResultsOptions;
  readonly #waiting: { readonly result: WebhookResult; readonly untilMs: number }[] = [];
  #running: Promise<void> | undefined;

  constructor(options: WebhookResultsOptions) {
    this.#options = options;
  }

  add(result: WebhookResult): void {
    this.#waiting.push({ result, untilMs: performance.now() + this.#options.usefulMs });
    this.#running ??= this.#run().finally(() => (this.#running = undefined));
  }

  /** Resolves when all that was given so far is recorded or given up. */
  async flush(): Promise<void> {
    while (this.#running) await this.#running;
  }

  async #run(): Promise<void> {
    await sleep(gatherMs);
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, mostAtOnce);
      const untilMs = Math.min(...batch.map((one) => one.untilMs));
      const results = batch.map((one) => one.result);
      await this.#record(results, untilMs);
      this.#options.settled(results);
    }
  }

  async #record(results: readonly WebhookResult[], untilMs: number): Promise<void> {
    for (;;) {
      try {
        return await this.#options.record(results);
      } catch (error) {
        const { log } = this.#options;
        log.warn("results of webhooks could not be recorded", { results: results.length, error });
        // Given up, they are delivered once more by whoever claims them next.
        if (performance.now() + retryMs > untilMs) return;
      }
      await sleep(retryMs);
    }
  }
}
