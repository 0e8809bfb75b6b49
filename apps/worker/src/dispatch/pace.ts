import { pacingSchema } from "@pregonero/contracts";
import { monotonicMs } from "@pregonero/runtime";

/** How fast a device may send. */
export interface PaceLimits {
  /** Pause between two messages: a random time between the two bounds, ms. */
  readonly gapMs?: { readonly min: number; readonly max: number };
  readonly messagesPerMinute?: number;
}

/** When the next message of a device may be claimed. */
export interface Pace {
  /** Whether there is any limit: without one, claims are made ahead. */
  readonly paced: boolean;
  /** 0: now. */
  waitMs(): number;
  sent(): void;
}

/**
 * Pacing of one device, before the claim, so that a message that waits for its turn is still `queued` and can be paused,
 * cancelled or taken by another device.
 */
export class DevicePace implements Pace {
  readonly #limits: PaceLimits;
  readonly #now: () => number;
  readonly #random: () => number;
  #notBeforeMs = 0;

  constructor(limits: PaceLimits, now: () => number = monotonicMs, random: () => number = Math.random) {
    this.#limits = limits;
    this.#now = now;
    this.#random = random;
  }

  get paced(): boolean {
    return this.#limits.gapMs !== undefined || this.#limits.messagesPerMinute !== undefined;
  }

  waitMs(): number {
    return Math.max(0, this.#notBeforeMs - this.#now());
  }

  sent(): void {
    if (!this.paced) return;
    const { gapMs, messagesPerMinute } = this.#limits;
    const gap = gapMs ? gapMs.min + this.#random() * (gapMs.max - gapMs.min) : 0;
    const even = messagesPerMinute ? 60_000 / messagesPerMinute : 0;
    this.#notBeforeMs = this.#now() + Math.max(gap, even);
  }
}

/** A number that writes faster than a person could is soon banned by WhatsApp. */
const carefulLimits: PaceLimits = { gapMs: { min: 4_000, max: 12_000 }, messagesPerMinute: 10 };

/**
 * The pace of a device: what is stored for it, else careful on WhatsApp's own address and unlimited on a stand-in.
 *
 * @param stored `devices.pacing`; `{}` when nobody has set it
 */
export function paceLimits(stored: unknown, url: string): PaceLimits {
  const { gap_ms, messages_per_minute } = pacingSchema.parse(stored);
  if (gap_ms === undefined && messages_per_minute === undefined) {
    return new URL(url).hostname.endsWith("whatsapp.com") ? carefulLimits : {};
  }
  return {
    ...(gap_ms === undefined ? {} : { gapMs: gap_ms }),
    ...(messages_per_minute === undefined ? {} : { messagesPerMinute: messages_per_minute }),
  };
}
