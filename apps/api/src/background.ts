import type { Logger } from "@pregonero/runtime";

/** Work that follows an answer: nobody waits for it, but closing does. */
export class Background {
  readonly #log: Logger;
  readonly #running = new Set<Promise<void>>();

  constructor(log: Logger) {
    this.#log = log;
  }

  /** Never rejects: what fails is logged. */
  run(what: string, work: () => Promise<unknown>): void {
    const running: Promise<void> = work().then(
      () => void this.#running.delete(running),
      (error: unknown) => {
        this.#running.delete(running);
        this.#log.warn("background work failed", { what, error });
      },
    );
    this.#running.add(running);
  }

  async drain(): Promise<void> {
    await Promise.all(this.#running);
  }
}
