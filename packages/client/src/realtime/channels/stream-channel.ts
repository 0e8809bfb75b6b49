import type { EventsFrame, SnapshotRequiredFrame, SubscribedFrame } from "@pregonero/contracts";
import type { StreamHandlers } from "./channel-types.ts";
import { placeOf } from "./position.ts";
import { StreamReader } from "./stream-reader.ts";

/** A stream as this client has it: where it is, and who listens. Events that are known already are left out. */
export class StreamChannel {
  readonly #readers = new Set<StreamReader>();
  #position: string | undefined;
  #snapshotPath = "";
  /** What still comes of an earlier subscription is of no use. */
  #awaiting = false;

  constructor(after: string | undefined) {
    this.#position = after;
  }

  /** Up to here everything has been told. */
  get position(): string | undefined {
    return this.#position;
  }

  get unused(): boolean {
    return this.#readers.size === 0;
  }

  add(handlers: StreamHandlers<unknown>): StreamReader {
    const reader = new StreamReader(handlers);
    // Whoever comes later begins where the others are.
    if (this.#readers.size > 0 && this.#position !== undefined)
      reader.snapshot({ reason: "first", position: this.#position, path: this.#snapshotPath });
    this.#readers.add(reader);
    return reader;
  }

  remove(reader: StreamReader): void {
    reader.end();
    this.#readers.delete(reader);
  }

  subscribed({ position, resumed, snapshot }: SubscribedFrame): void {
    this.#snapshotPath = snapshot ?? this.#snapshotPath;
    this.#awaiting = false;
    // Without a position another frame follows; with one that we gave, what we missed does.
    if (position === null || position === undefined || resumed) return;
    // The position that we gave is not known there any more: `snapshot_required` follows.
    if (this.#position !== undefined) return;
    this.#position = position;
    this.#snapshot("first", position);
  }

  lost({ position, reason, snapshot }: SnapshotRequiredFrame): void {
    this.#snapshotPath = snapshot;
    this.#position = position;
    this.#snapshot(reason, position);
  }

  /** A connection begins: nothing of an earlier one comes any more. */
  reconnected(): void {
    this.#awaiting = false;
  }

  /** @returns false when events are missing in between: subscribe again, what comes until then is passed over */
  events(frame: EventsFrame): boolean {
    if (this.#awaiting) return true;
    this.#awaiting = !this.#take(frame);
    return !this.#awaiting;
  }

  refused(error: string, code: string): void {
    for (const reader of this.#readers) reader.refused(error, code);
  }

  #take({ first, position, events }: EventsFrame): boolean {
    const [known, next] = [this.#position && placeOf(this.#position), placeOf(position)];
    if (!known || known.epoch !== next.epoch) return false;
    if (next.number <= known.number) return true;
    if (first > known.number + 1) return false;
    const fresh = events.slice(known.number + 1 - first);
    this.#position = position;
    for (const reader of this.#readers) reader.events(fresh, { first: known.number + 1, position });
    return true;
  }

  #snapshot(reason: "first" | SnapshotRequiredFrame["reason"], position: string): void {
    for (const reader of this.#readers) reader.snapshot({ reason, position, path: this.#snapshotPath });
  }
}
