/** How fast a device may send. */
export interface RateLimits {
  /** Messages per second, on average. */
  readonly perSecond?: number;
  /** How many may go at once after a rest. */
  readonly burst?: number;
  /** Random pause after each message, ms. */
  readonly gapMs?: { readonly min: number; readonly max: number };
}

/** The slowest that a provider's "too fast" makes us. */
const slowestPerSecond = 0.2;
/** Without another "too fast" for so long, a bit faster again. */
const recoverEveryMs = 5_000;
const recoverFactor = 1.25;
const observeMs = 1_000;

/**
 * The pace of one device: a token bucket, a random gap, and a ceiling that halves when the provider says "too fast" and
 * grows back when it does not. Pure but for the clock that it is given.
 */
export class Rate {
  readonly #limits: RateLimits;
  readonly #now: () => number;
  readonly #random: () => number;
  #tokens: number;
  #filledAtMs: number;
  #notBeforeMs = 0;
  /** The pause after the next message, drawn before it so that it can be written down with its claim. */
  #gapMs: number;
  /** Set by the provider's word, messages per second. */
  #ceiling: number | undefined;
  #slowedAtMs = 0;
  #recent: { atMs: number; count: number }[] = [];

  /** @param now monotonic, ms */
  constructor(limits: RateLimits, now: () => number, random: () => number = Math.random) {
    this.#limits = limits;
    this.#now = now;
    this.#random = random;
    this.#tokens = this.#burst;
    this.#filledAtMs = now();
    this.#gapMs = this.#drawGap();
  }

  /** Goes on where another left off whose next message was due in so many ms; a negative number: has been for so long. */
  resume(dueInMs: number): void {
    this.#notBeforeMs = Math.max(this.#notBeforeMs, this.#now() + dueInMs);
    const perSecond = this.#perSecond;
    if (perSecond === undefined) return;
    this.#tokens = Math.min(this.#burst, 1 - (dueInMs / 1_000) * perSecond);
    this.#filledAtMs = this.#now();
  }

  /** See `PaceToKeep`: from what is known before a claim of n messages, when the first after it may go. */
  toKeep(): { gapMs: number; tokens: number; tokenMs: number } {
    const perSecond = this.#perSecond;
    if (perSecond === undefined) return { gapMs: this.#gapMs, tokens: 1, tokenMs: 0 };
    return { gapMs: this.#gapMs, tokens: this.#refill(), tokenMs: 1_000 / perSecond };
  }

  /** Whether there is any limit now. */
  get limited(): boolean {
    return this.#perSecond !== undefined || this.#limits.gapMs !== undefined;
  }

  /** How many may go now; Infinity without a limit. */
  available(): number {
    if (this.#now() < this.#notBeforeMs) return 0;
    if (this.#limits.gapMs) return Math.min(1, this.#refill());
    return this.#refill();
  }

  /** How long until at least one may go, ms; 0: now. */
  waitMs(): number {
    const blocked = Math.max(0, this.#notBeforeMs - this.#now());
    const tokens = this.#refill();
    const perSecond = this.#perSecond;
    if (tokens >= 1 || perSecond === undefined) return blocked;
    return Math.max(blocked, Math.ceil(((1 - tokens) / perSecond) * 1_000));
  }

  /** So many were begun. */
  take(count: number): void {
    if (count === 0) return;
    const nowMs = this.#now();
    if (this.#refill() !== Infinity) this.#tokens -= count;
    this.#recent.push({ atMs: nowMs, count });
    while ((this.#recent[0]?.atMs ?? nowMs) < nowMs - observeMs) this.#recent.shift();
    if (!this.#limits.gapMs) return;
    this.#notBeforeMs = Math.max(this.#notBeforeMs, nowMs + this.#gapMs);
    this.#gapMs = this.#drawGap();
  }

  #drawGap(): number {
    const gap = this.#limits.gapMs;
    return gap ? gap.min + this.#random() * (gap.max - gap.min) : 0;
  }

  /** The provider says "too fast": nothing for `pauseMs`, then half of what was. */
  slowDown(pauseMs: number): void {
    const nowMs = this.#now();
    this.#notBeforeMs = Math.max(this.#notBeforeMs, nowMs + pauseMs);
    // One burst of refusals is one word.
    if (nowMs - this.#slowedAtMs < observeMs && this.#ceiling !== undefined) return;
    const observed = this.#recent.reduce((sum, { count }) => sum + count, 0) / (observeMs / 1_000);
    const was = Math.min(this.#perSecond ?? Infinity, Math.max(observed, 1));
    this.#refill();
    this.#ceiling = Math.max(slowestPerSecond, was / 2);
    this.#tokens = 0;
    this.#filledAtMs = nowMs;
    this.#slowedAtMs = nowMs;
  }

  get #burst(): number {
    return Math.max(1, this.#limits.burst ?? 1);
  }

  get #perSecond(): number | undefined {
    const { perSecond } = this.#limits;
    if (this.#ceiling === undefined) return perSecond;
    return Math.min(perSecond ?? Infinity, this.#ceiling);
  }

  #refill(): number {
    this.#recover();
    const perSecond = this.#perSecond;
    if (perSecond === undefined) return Infinity;
    const nowMs = this.#now();
    this.#tokens = Math.min(this.#burst, this.#tokens + ((nowMs - this.#filledAtMs) / 1_000) * perSecond);
    this.#filledAtMs = nowMs;
    return this.#tokens;
  }

  #recover(): void {
    const nowMs = this.#now();
    while (this.#ceiling !== undefined && nowMs - this.#slowedAtMs >= recoverEveryMs) {
      this.#slowedAtMs += recoverEveryMs;
      this.#ceiling *= recoverFactor;
      // Beyond the device's own limit, or beyond any provider's: the word is forgotten.
      if (this.#ceiling >= (this.#limits.perSecond ?? 1_000)) this.#ceiling = undefined;
    }
  }
}
