import { autoPauseSchema, type AutoPause } from "@pregonero/contracts";
import type { MovedMessage } from "@pregonero/db";

export interface FailureWatchOptions {
  /** The job's own `auto_pause`, null for the default. */
  readonly readAutoPause: (jobId: string) => Promise<unknown>;
  readonly pause: (jobId: string, reason: string) => Promise<void>;
  readonly now: () => number;
}

interface Window {
  readonly settings: Promise<AutoPause>;
  /** Ends of messages, oldest first. */
  ends: { atMs: number; ended: number; failed: number }[];
}

const bucketMs = 1_000;

/**
 * Pauses a job whose messages fail too often, before a bad list or a wrong template has cost a number its good name.
 * Each worker judges by what it has sent itself.
 */
export class FailureWatch {
  readonly #options: FailureWatchOptions;
  readonly #windows = new Map<string, Window>();

  constructor(options: FailureWatchOptions) {
    this.#options = options;
  }

  async moved(messages: readonly MovedMessage[]): Promise<void> {
    const touched = new Set<string>();
    for (const message of messages) {
      if (message.jobCompleted) this.#windows.delete(message.jobId);
      else if (message.from === "sending" && (message.to === "failed" || message.to === "sent")) {
        this.#count(message.jobId, message.to === "failed");
        touched.add(message.jobId);
      }
    }
    for (const jobId of touched) await this.#judge(jobId);
  }

  #count(jobId: string, failed: boolean): void {
    const nowMs = this.#options.now();
    let window = this.#windows.get(jobId);
    if (!window) {
      const settings = this.#options
        .readAutoPause(jobId)
        .then((stored) => autoPauseSchema.parse(stored ?? {}));
      window = { settings, ends: [] };
      this.#windows.set(jobId, window);
    }
    let last = window.ends.at(-1);
    if (!last || nowMs - last.atMs >= bucketMs) {
      last = { atMs: nowMs, ended: 0, failed: 0 };
      window.ends.push(last);
    }
    last.ended += 1;
    if (failed) last.failed += 1;
  }

  async #judge(jobId: string): Promise<void> {
    const window = this.#windows.get(jobId);
    if (!window) return;
    const settings = await window.settings;
    const fromMs = this.#options.now() - settings.window_s * 1_000;
    while ((window.ends[0]?.atMs ?? fromMs) < fromMs) window.ends.shift();
    const sum = (of: "ended" | "failed") => window.ends.reduce((total, bucket) => total + bucket[of], 0);
    const [ended, failed] = [sum("ended"), sum("failed")];
    if (!settings.enabled || ended < settings.min_messages || failed / ended < settings.failure_rate) return;
    this.#windows.delete(jobId);
    const share = Math.round((100 * failed) / ended);
    await this.#options.pause(
      jobId,
      `paused by itself: ${failed} of the last ${ended} messages failed (${share} %, in ${settings.window_s} s)`,
    );
  }
}
