import { monotonicMs, sleep, type Logger } from "@pregonero/runtime";

export interface ClaimWatchOptions {
  /** Of these, those that still are. */
  readonly confirm: (claimIds: readonly string[]) => Promise<ReadonlySet<string>>;
  /** Extends them. @returns those that still are */
  readonly renew: (claimIds: readonly string[]) => Promise<ReadonlySet<string>>;
  readonly leaseMs: number;
  readonly log: Logger;
}

/** A cancelled job's visits end within this time and what it takes to ask. */
const askEveryMs = 400;

/** Holds the claims of a worker: extends them, and aborts the work of those that were cancelled or have run out. */
export class ClaimWatch {
  readonly #options: ClaimWatchOptions;
  readonly #held = new Map<string, { abort: AbortController; untilMs: number }>();
  readonly #stop = new AbortController();
  #loop: Promise<void> | undefined;
  #asking: Promise<void> | undefined;
  #renewedAtMs = 0;

  constructor(options: ClaimWatchOptions) {
    this.#options = options;
  }

  start(): void {
    this.#loop ??= this.#run();
  }

  /** @param sinceMs when the claim was asked for: it is over here before it is over there */
  hold(claimId: string, sinceMs: number): AbortSignal {
    const abort = new AbortController();
    this.#held.set(claimId, { abort, untilMs: sinceMs + this.#options.leaseMs });
    return abort.signal;
  }

  letGo(claimId: string): void {
    this.#held.delete(claimId);
  }

  /** Asks now: some job was called off. */
  look(): Promise<void> {
    this.#asking ??= this.#ask().finally(() => (this.#asking = undefined));
    return this.#asking;
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#loop;
    await this.#asking;
  }

  async #run(): Promise<void> {
    while (await sleep(askEveryMs, this.#stop.signal)) await this.look();
  }

  async #ask(): Promise<void> {
    const { confirm, renew, leaseMs, log } = this.#options;
    const ids = [...this.#held.keys()];
    if (ids.length === 0) return;
    const askedAtMs = monotonicMs();
    const due = askedAtMs - this.#renewedAtMs > leaseMs / 4;
    try {
      const live = await (due ? renew(ids) : confirm(ids));
      if (due) this.#renewedAtMs = askedAtMs;
      for (const id of ids) {
        const claim = this.#held.get(id);
        if (!claim) continue;
        if (!live.has(id)) claim.abort.abort();
        else if (due) claim.untilMs = askedAtMs + leaseMs;
      }
    } catch (error) {
      log.warn("claims could not be extended", { error });
    }
    for (const claim of this.#held.values()) if (claim.untilMs < monotonicMs()) claim.abort.abort();
  }
}
