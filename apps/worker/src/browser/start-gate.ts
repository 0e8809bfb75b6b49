import { monotonicMs, sleep } from "@pregonero/runtime";

/** Keeps starts apart: a worker that takes over ten devices at once would otherwise starve all ten of CPU. */
export class StartGate {
  readonly #distanceMs: number;
  #nextAtMs = 0;

  constructor(distanceMs: number) {
    this.#distanceMs = distanceMs;
  }

  /** Resolves `true` when it is the caller's turn, `false` when the signal fires before. */
  wait(signal: AbortSignal): Promise<boolean> {
    const nowMs = monotonicMs();
    const atMs = Math.max(nowMs, this.#nextAtMs);
    this.#nextAtMs = atMs + this.#distanceMs;
    return sleep(atMs - nowMs, signal);
  }
}
