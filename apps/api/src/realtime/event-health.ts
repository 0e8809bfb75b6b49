import type { EventSource } from "./event-source.ts";

/** Whether events flow, and who is told when that changes. */
export class EventHealth {
  readonly #bus: Pick<EventSource, "ready">;
  readonly #watchers = new Set<(degraded: boolean) => void>();

  /** @param caughtUp resolves when, after Redis was away, everything that was missed has been told */
  constructor(bus: EventSource, caughtUp: () => Promise<void>) {
    this.#bus = bus;
    bus.onLost(() => this.#tell(true));
    bus.onReconnected(() => {
      void caughtUp().then(() => this.#tell(false));
    });
  }

  get degraded(): boolean {
    return !this.#bus.ready;
  }

  /** @returns a function that ends it */
  watch(watcher: (degraded: boolean) => void): () => void {
    this.#watchers.add(watcher);
    return () => void this.#watchers.delete(watcher);
  }

  #tell(degraded: boolean): void {
    for (const watcher of this.#watchers) watcher(degraded);
  }
}
