import { monotonicMs } from "@pregonero/runtime";

export interface AckWatchOptions {
  readonly ackTimeoutMs: number;
  /** Puts the device aside with a reason, or takes it back. */
  readonly setAside: (aside: boolean, reason: string | null) => Promise<void>;
  /** Opens the page anew, unless a turn is under way. */
  readonly restart: () => void;
}

/**
 * Health is judged by acks, not by "connected": while messages stay in WhatsApp's outbox the device gets no new ones,
 * and its page is opened anew from time to time, which makes WhatsApp send what it holds.
 */
export class AckWatch {
  readonly #options: AckWatchOptions;
  /** When the page was last opened anew because of missing acks. */
  #stuckSinceMs: number | undefined;

  constructor(options: AckWatchOptions) {
    this.#options = options;
  }

  async heed(stuck: boolean): Promise<void> {
    const { ackTimeoutMs, setAside, restart } = this.#options;
    if (!stuck) {
      if (this.#stuckSinceMs === undefined) return;
      this.#stuckSinceMs = undefined;
      await setAside(false, null);
      return;
    }
    const nowMs = monotonicMs();
    if (this.#stuckSinceMs !== undefined && nowMs - this.#stuckSinceMs < ackTimeoutMs) return;
    if (this.#stuckSinceMs === undefined) await setAside(true, "sends get no ack");
    this.#stuckSinceMs = nowMs;
    restart();
  }
}
