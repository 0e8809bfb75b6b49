import { reconnectDelayMs } from "../backoff.ts";
import type { EventsPlace, SnapshotCall, StreamHandlers } from "./channel-types.ts";

interface Batch {
  readonly events: readonly unknown[];
  readonly place: EventsPlace;
}

/** Events that wait while a snapshot is read; beyond that a later snapshot is better. */
const mostWaiting = 20_000;

/** One listener of a stream: while it reads a snapshot its events wait. */
export class StreamReader {
  readonly #handlers: StreamHandlers<unknown>;
  #waiting: Batch[] = [];
  #waitingEvents = 0;
  #reading: SnapshotCall | undefined;
  #ended = false;

  constructor(handlers: StreamHandlers<unknown>) {
    this.#handlers = handlers;
  }

  events(events: readonly unknown[], place: EventsPlace): void {
    if (!this.#reading) return this.#handlers.events(events, place);
    this.#waiting.push({ events, place });
    this.#waitingEvents += events.length;
    if (this.#waitingEvents > mostWaiting) this.snapshot({ ...this.#reading, position: place.position });
  }

  /** What waited for an earlier snapshot is in this one. */
  snapshot(call: SnapshotCall): void {
    if (!this.#handlers.snapshot) return;
    this.#waiting = [];
    this.#waitingEvents = 0;
    this.#reading = call;
    void this.#read(call);
  }

  refused(error: string, code: string): void {
    this.#handlers.refused?.(error, code);
  }

  end(): void {
    this.#ended = true;
    this.#reading = undefined;
    this.#waiting = [];
  }

  async #read(call: SnapshotCall): Promise<void> {
    for (let attempt = 0; this.#reading === call; attempt += 1) {
      try {
        await this.#handlers.snapshot?.(call);
        break;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, reconnectDelayMs(attempt)));
      }
    }
    if (this.#reading !== call || this.#ended) return;
    this.#reading = undefined;
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#waitingEvents = 0;
    for (const { events, place } of waiting) this.#handlers.events(events, place);
  }
}
