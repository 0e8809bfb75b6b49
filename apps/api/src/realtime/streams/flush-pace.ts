import { monotonicMs } from "@pregonero/runtime";

/** What comes within so many ms is told together, … */
const shortestMs = 5;
/** … and within so many when telling it to all takes long. */
const longestMs = 100;
/** Of the time at most half goes into one channel's frames. */
const share = 1;

/**
 * When to flush: at once when nothing was flushed lately, else so much later that frames cannot pile up. Frames are the
 * limit of a process (some 100,000 a second), not events: the more listeners, the more events share a frame.
 */
export class FlushPace {
  readonly #flush: () => void;
  #timer: NodeJS.Timeout | undefined;
  #restUntilMs = 0;

  constructor(flush: () => void) {
    this.#flush = flush;
  }

  /** There is something to flush. */
  request(): void {
    if (this.#timer !== undefined) return;
    const waitMs = this.#restUntilMs - monotonicMs();
    if (waitMs <= 0) this.now();
    else this.#timer = setTimeout(() => this.now(), waitMs);
  }

  now(): void {
    this.cancel();
    const beganMs = monotonicMs();
    this.#flush();
    const endedMs = monotonicMs();
    this.#restUntilMs = endedMs + Math.min(longestMs, Math.max(shortestMs, share * (endedMs - beganMs)));
  }

  cancel(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
