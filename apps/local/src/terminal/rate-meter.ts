interface Sample {
  readonly atMs: number;
  readonly count: number;
}

/** How fast a count grows, over the last seconds: an average of the whole run would not show that it stands still. */
export class RateMeter {
  readonly #windowMs: number;
  #samples: Sample[] = [];

  constructor(windowMs = 3_000) {
    this.#windowMs = windowMs;
  }

  note(count: number, nowMs: number): void {
    this.#samples.push({ atMs: nowMs, count });
    // One sample older than the window stays: the rate is measured from it.
    while (this.#samples.length > 2 && (this.#samples[1]?.atMs ?? nowMs) <= nowMs - this.#windowMs)
      this.#samples.shift();
  }

  /** Per second; 0 before there are two moments to compare. */
  get perSecond(): number {
    const first = this.#samples[0];
    const last = this.#samples.at(-1);
    if (first === undefined || last === undefined || last.atMs <= first.atMs) return 0;
    return ((last.count - first.count) * 1_000) / (last.atMs - first.atMs);
  }
}
