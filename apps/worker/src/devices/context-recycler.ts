import { monotonicMs } from "@pregonero/runtime";
import type { ContextUsage } from "../channels/channel.ts";

/** When a browser context has served its time; 0 means never. */
export interface RecycleLimits {
  readonly afterSends: number;
  readonly afterMs: number;
  readonly aboveMb: number;
}

export interface ContextRecyclerOptions {
  readonly limits: RecycleLimits;
  /** Null when none is open. */
  readonly usage: (measureMemory: boolean) => Promise<ContextUsage | null>;
  /** In [0, 1): contexts that were opened together are not to be closed together. */
  readonly random?: () => number;
  readonly nowMs?: () => number;
}

const lookEveryMs = 5_000;
/** Reading what Chromium's processes share takes some milliseconds for each. */
const measureEveryMs = 60_000;
/** Of the time limit, either way. */
const spread = 0.1;

/**
 * Says when a context is to be opened anew: WhatsApp Web grows with what it has seen, and Chromium with its age. Whoever
 * asks does it between two turns, when nothing is under way.
 */
export class ContextRecycler {
  readonly #options: ContextRecyclerOptions;
  readonly #afterMs: number;
  readonly #nowMs: () => number;
  #lookedAtMs = Number.NEGATIVE_INFINITY;
  #measuredAtMs = Number.NEGATIVE_INFINITY;
  #due: string | null = null;

  constructor(options: ContextRecyclerOptions) {
    this.#options = options;
    const random = options.random ?? Math.random;
    this.#afterMs = options.limits.afterMs * (1 - spread + 2 * spread * random());
    this.#nowMs = options.nowMs ?? monotonicMs;
  }

  /** Why the context has to go, or null. */
  get due(): string | null {
    return this.#due;
  }

  /** A new one was opened. */
  opened(): void {
    this.#due = null;
  }

  /** Looks at the context from time to time; call it as often as you like. */
  async look(): Promise<void> {
    const nowMs = this.#nowMs();
    if (this.#due !== null || nowMs - this.#lookedAtMs < lookEveryMs) return;
    this.#lookedAtMs = nowMs;
    const measure = this.#options.limits.aboveMb > 0 && nowMs - this.#measuredAtMs >= measureEveryMs;
    if (measure) this.#measuredAtMs = nowMs;
    const usage = await this.#options.usage(measure);
    if (usage) this.#due = this.#reason(usage);
  }

  #reason({ sends, openForMs, memoryMb }: ContextUsage): string | null {
    const { afterSends, aboveMb } = this.#options.limits;
    if (afterSends > 0 && sends >= afterSends) return `${sends} sends`;
    if (this.#afterMs > 0 && openForMs >= this.#afterMs)
      return `open for ${Math.round(openForMs / 60_000)} min`;
    if (aboveMb > 0 && memoryMb !== null && memoryMb >= aboveMb) return `${memoryMb} MB`;
    return null;
  }
}
