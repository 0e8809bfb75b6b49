import type { ClaimedStep, MovedStep, StepOutcome } from "@pregonero/db";
import type { TurnConsumer } from "@pregonero/queue";
import { monotonicMs, sleep, type Logger } from "@pregonero/runtime";
import type { ClaimWatch } from "./claim-watch.ts";
import type { StepRunner } from "./step-runner.ts";

export interface ScraperOptions {
  readonly slots: number;
  readonly turnMs: number;
  readonly queue: {
    wake(turns: number): Promise<void>;
    consume(concurrency: number, runTurn: (signal: AbortSignal) => Promise<void>): TurnConsumer;
  };
  readonly store: {
    /** The step that is next over all jobs, or null. */
    claim(): Promise<ClaimedStep | null>;
    /** Null when the claim is not the step's own any more. */
    finish(outcome: StepOutcome): Promise<MovedStep | null>;
    /** How many steps could be claimed now, up to `most`. */
    claimable(most: number): Promise<number>;
  };
  readonly claims: ClaimWatch;
  readonly runner: StepRunner;
  readonly moved: (step: MovedStep) => Promise<void>;
  /** The first step of a job was claimed here: it may have begun. */
  readonly begun: () => Promise<void>;
  readonly log: Logger;
}

/** The rows are looked at so often, whatever Redis says: a lost turn costs this much. */
const lookEveryMs = 1_000;
/** An outcome that Postgres does not take is offered again, until its claim is over. */
const offerAgainMs = 500;
const mostKnownJobs = 1_000;

/** The scraping part of a worker: takes turns off the queue, claims steps in them, visits, writes what became of it. */
export class Scraper {
  readonly #options: ScraperOptions;
  readonly #stop = new AbortController();
  readonly #knownJobs = new Set<string>();
  #consumer: TurnConsumer | undefined;
  #loop: Promise<void> | undefined;

  constructor(options: ScraperOptions) {
    this.#options = options;
  }

  start(): void {
    const { queue, slots, claims } = this.#options;
    if (this.#loop) return;
    claims.start();
    this.#consumer = queue.consume(slots, (signal) =>
      this.#turn(AbortSignal.any([signal, this.#stop.signal])),
    );
    this.#loop = this.#pulse();
  }

  /** Visits under way are given back at once: another worker, or the next start, does them again. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.#loop;
    await this.#consumer?.close();
    await this.#options.claims.close();
  }

  /** One step after the other until none is due or the turn is over. */
  async #turn(signal: AbortSignal): Promise<void> {
    const { store, turnMs } = this.#options;
    const endsAtMs = monotonicMs() + turnMs;
    while (!signal.aborted && monotonicMs() < endsAtMs) {
      const askedAtMs = monotonicMs();
      const step = await store.claim();
      if (!step) return;
      await this.#do(step, askedAtMs, signal);
    }
    if (!signal.aborted) await this.#wake();
  }

  async #do(step: ClaimedStep, askedAtMs: number, signal: AbortSignal): Promise<void> {
    const { claims, runner, log } = this.#options;
    const held = claims.hold(step.claimId, askedAtMs);
    this.#noteJob(step.jobId);
    try {
      const outcome = await runner.run(step, AbortSignal.any([held, signal]));
      const moved = await this.#finish(outcome, held);
      if (moved) await this.#options.moved(moved);
      else await runner.discard(outcome);
    } catch (error) {
      // The claim runs out and the step is done again.
      log.warn("a step could not be written", { step: step.stepId, error });
    } finally {
      claims.letGo(step.claimId);
    }
  }

  async #finish(outcome: StepOutcome, held: AbortSignal): Promise<MovedStep | null> {
    for (;;) {
      try {
        return await this.#options.store.finish(outcome);
      } catch (error) {
        if (held.aborted || !(await sleep(offerAgainMs, held))) throw error;
      }
    }
  }

  /** Puts turns in the queue for what can be claimed: after a loss of the queue, and when tries fall due. */
  async #pulse(): Promise<void> {
    while (await sleep(lookEveryMs, this.#stop.signal)) await this.#wake();
  }

  async #wake(): Promise<void> {
    const { store, queue, slots, log } = this.#options;
    try {
      const claimable = await store.claimable(slots);
      if (claimable > 0) await queue.wake(claimable);
    } catch (error) {
      log.debug("scraping work could not be looked for", { error });
    }
  }

  #noteJob(jobId: string): void {
    if (this.#knownJobs.has(jobId)) return;
    if (this.#knownJobs.size >= mostKnownJobs) this.#knownJobs.clear();
    this.#knownJobs.add(jobId);
    this.#options
      .begun()
      .catch((error: unknown) => this.#options.log.debug("a start was not announced", { error }));
  }
}
