/** So many in any one second, however they are spread. Times are ms of a clock that never goes back. */
class SecondWindow {
  /** When the last `perSecond` were let through, oldest next. */
  readonly #times: Float64Array;
  #next = 0;

  constructor(perSecond: number) {
    this.#times = new Float64Array(perSecond).fill(Number.NEGATIVE_INFINITY);
  }

  get perSecond(): number {
    return this.#times.length;
  }

  /** Lets `count` through, or none of them. */
  take(nowMs: number, count = 1): boolean {
    if (count > this.#times.length) return false;
    const lastOfThem = this.#times[(this.#next + count - 1) % this.#times.length] ?? 0;
    if (nowMs - lastOfThem < 1_000) return false;
    for (let i = 0; i < count; i++) {
      this.#times[this.#next] = nowMs;
      this.#next = (this.#next + 1) % this.#times.length;
    }
    return true;
  }
}

/** How many an account may send in any one second, as a figure that can change at any time. */
export class Throughput {
  #window: SecondWindow | null = null;

  /** @param perSecond null no limit */
  take(perSecond: number | null, nowMs: number, count = 1): boolean {
    if (perSecond === null) return true;
    if (this.#window?.perSecond !== perSecond) this.#window = new SecondWindow(perSecond);
    return this.#window.take(nowMs, count);
  }
}

/** For each recipient a burst, which is then paid back at one per `everyMs`. */
export class PairLimit {
  /** When the recipient's bucket would be full again, in ms. */
  readonly #fullAt = new Map<string, number>();

  take(to: string, nowMs: number, limit: { readonly everyMs: number; readonly burst: number }): boolean {
    const fullAt = Math.max(this.#fullAt.get(to) ?? 0, nowMs);
    if (fullAt - nowMs > (limit.burst - 1) * limit.everyMs) return false;
    this.#fullAt.set(to, fullAt + limit.everyMs);
    return true;
  }
}
