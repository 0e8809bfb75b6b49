import { monotonicMs } from "@pregonero/runtime";
import { VisitFailure } from "./failure.ts";

/** The time of a visit, and what ends it early. */
export class Deadline {
  readonly #endsAtMs: number;
  readonly #timeoutMs: number;
  readonly #broken: Promise<never>;

  /** @param broken rejects when the visit cannot go on (a crash, a cancellation); never resolves */
  constructor(timeoutMs: number, broken: Promise<never>) {
    this.#timeoutMs = timeoutMs;
    this.#endsAtMs = monotonicMs() + timeoutMs;
    this.#broken = broken;
    broken.catch(() => undefined);
  }

  get leftMs(): number {
    return Math.max(0, this.#endsAtMs - monotonicMs());
  }

  /** `work`, unless the time is up or the visit is broken first. What it goes on doing then is nobody's business. */
  async within<T>(work: Promise<T>, mostMs = Number.POSITIVE_INFINITY): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      const tooLate = (): void =>
        reject(new VisitFailure("timeout", `the visit took longer than ${this.#timeoutMs} ms`));
      timer = setTimeout(tooLate, Math.min(this.leftMs, mostMs));
    });
    work.catch(() => undefined);
    try {
      return await Promise.race([work, late, this.#broken]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Resolves after `ms`, or when the time is up. */
  async pause(ms: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const over = new Promise<void>((resolve) => (timer = setTimeout(resolve, Math.min(ms, this.leftMs))));
    try {
      await Promise.race([over, this.#broken]);
    } finally {
      clearTimeout(timer);
    }
  }
}
