import type { ClockReading } from "./page/messages.ts";

/** An instant on the clock of one document of the page. */
export interface PageInstant {
  readonly timeOrigin: number;
  readonly ms: number;
}

/**
 * Translates the worker's monotonic clock into the page's. Both run at the same speed (CLOCK_MONOTONIC of the same
 * host), so one number is sought: the offset. A reading was made some time BEFORE its answer came, hence each gives
 * a lower bound, and the greatest is the best: an instant translated with it is never late, only early by at most the
 * quickest round trip so far. A worker that stood still in the middle of a reading gets a bad bound, not a wrong one.
 */
export class PageClock {
  #timeOrigin: number | null = null;
  #offsetMs = Number.NEGATIVE_INFINITY;

  /** @param answeredAtMs `performance.now()` of this process when the answer was there */
  note({ timeOrigin, nowMs }: ClockReading, answeredAtMs: number): void {
    if (this.#timeOrigin !== timeOrigin) this.#offsetMs = Number.NEGATIVE_INFINITY;
    this.#timeOrigin = timeOrigin;
    this.#offsetMs = Math.max(this.#offsetMs, nowMs - answeredAtMs);
  }

  /** Null while there is no reading. */
  at(workerMs: number): PageInstant | null {
    if (this.#timeOrigin === null) return null;
    return { timeOrigin: this.#timeOrigin, ms: workerMs + this.#offsetMs };
  }

  /** The page has a new document: what was known holds no longer. */
  reset(): void {
    this.#timeOrigin = null;
  }
}
