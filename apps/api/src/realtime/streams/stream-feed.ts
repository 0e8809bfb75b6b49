import type { NumberedEvent, Position } from "@pregonero/queue";
import type { EventSource } from "../event-source.ts";
import { FlushPace } from "./flush-pace.ts";
import { batchesOf, type StreamBatch } from "./stream-batch.ts";

export interface StreamListener {
  events(batch: StreamBatch): void;
  /** Events are missing; what follows begins after `position`. */
  lost(position: Position): void;
}

/** So many entries are read from the history at once. */
const pageEntries = 200;
/** A page is the same for everybody who was lost at the same moment: it is read once for them all. */
const pagesKept = 32;

/**
 * One stream as this process hears it. Holes are closed from the history before anything beyond them is told, so that
 * listeners get every event once and in order, or hear that events are lost.
 */
export class StreamFeed {
  readonly #channel: string;
  readonly #bus: EventSource;
  readonly #listeners = new Set<StreamListener>();
  readonly #pace = new FlushPace(() => this.#flush());
  readonly #pages = new Map<number, Promise<StreamBatch[] | null>>();
  readonly #unsubscribe: () => void;
  /** Resolves when it is known where the stream stands, or that it cannot be known now. */
  readonly loaded: Promise<void>;
  /** The newest entry that is here; undefined while Redis has not told. */
  #at: Position | undefined;
  #pending: NumberedEvent[] = [];
  #checking: Promise<void> | undefined;
  #checkAgain = false;
  #closed = false;

  constructor(channel: string, bus: EventSource) {
    this.#channel = channel;
    this.#bus = bus;
    this.#unsubscribe = bus.subscribe(channel, (_, numbered) => numbered && this.#arrived(numbered));
    this.loaded = this.check();
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  /** Tells what is still to be told. @returns up to where listeners know now: a listener that is added begins there */
  settle(): Position | undefined {
    if (this.#pending.length > 0) this.#pace.now();
    return this.#at;
  }

  add(listener: StreamListener): void {
    this.settle();
    this.#listeners.add(listener);
  }

  remove(listener: StreamListener): void {
    this.#listeners.delete(listener);
  }

  /**
   * The next events after a position of this epoch; null when they are gone. Rejects while Redis is away.
   * @param after before `position`
   */
  page(after: Position): Promise<readonly StreamBatch[] | null> {
    const known = this.#pages.get(after.number);
    if (known) return known;
    const read = this.#bus
      .after(this.#channel, after, pageEntries)
      .then((entries) => entries && batchesOf(entries));
    this.#pages.set(after.number, read);
    const forget = (): void => void this.#pages.delete(after.number);
    read.then(() => setTimeout(forget, 1_000).unref(), forget);
    const [oldest] = this.#pages.keys();
    if (this.#pages.size > pagesKept && oldest !== undefined) this.#pages.delete(oldest);
    return read;
  }

  /** Catches up with the history: what was published while nobody listened, or got lost on the way. Never rejects. */
  check(): Promise<void> {
    this.#checkAgain = this.#checking !== undefined;
    this.#checking ??= this.#catchUp().finally(() => {
      this.#checking = undefined;
      if (this.#checkAgain && !this.#closed) void this.check();
    });
    return this.#checking;
  }

  close(): void {
    this.#closed = true;
    this.#unsubscribe();
    this.#pace.cancel();
    this.#listeners.clear();
  }

  #arrived(entry: NumberedEvent): void {
    const at = this.#at;
    if (at?.epoch === entry.position.epoch) {
      if (entry.position.number <= at.number) return;
      if (entry.first === at.number + 1) return this.#take(entry);
    }
    void this.check();
  }

  #take(entry: NumberedEvent): void {
    this.#at = entry.position;
    this.#pending.push(entry);
    this.#pace.request();
  }

  async #catchUp(): Promise<void> {
    try {
      const before = this.#at;
      const head = await this.#bus.head(this.#channel);
      if (this.#closed) return;
      // Redis went back to an older state: numbers that are known already will be given again.
      const rewound = before?.epoch === head.epoch && head.number < before.number;
      if (this.#at?.epoch !== head.epoch || rewound) return this.#lose(head);
      while (this.#at.number < head.number) {
        const from: Position = this.#at;
        const entries = await this.#bus.after(this.#channel, from, pageEntries);
        if (this.#closed) return;
        for (const entry of entries ?? []) if (entry.first === this.#at.number + 1) this.#take(entry);
        if (this.#at.number === from.number) return this.#lose(await this.#bus.head(this.#channel));
      }
    } catch {
      // Redis is away: checked again when it is back.
    }
  }

  #lose(head: Position): void {
    this.settle();
    this.#pages.clear();
    this.#at = head;
    for (const listener of this.#listeners) listener.lost(head);
  }

  #flush(): void {
    const entries = this.#pending;
    this.#pending = [];
    for (const batch of batchesOf(entries)) {
      for (const listener of this.#listeners) listener.events(batch);
    }
  }
}
