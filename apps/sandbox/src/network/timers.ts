/** Timers of one owner, so that none fires after it has closed. */
export class Timers {
  readonly #running = new Set<NodeJS.Timeout>();

  /** Runs `then` after `ms`; at once, in the same turn, when there is nothing to wait for. */
  after(ms: number, then: () => void): void {
    if (ms <= 0) {
      then();
      return;
    }
    const timer = setTimeout(() => {
      this.#running.delete(timer);
      then();
    }, ms);
    this.#running.add(timer);
  }

  /** A timer that can be called off. */
  cancellable(ms: number, then: () => void): () => void {
    const timer = setTimeout(() => {
      this.#running.delete(timer);
      then();
    }, ms);
    this.#running.add(timer);
    return () => {
      clearTimeout(timer);
      this.#running.delete(timer);
    };
  }

  close(): void {
    for (const timer of this.#running) clearTimeout(timer);
    this.#running.clear();
  }
}
