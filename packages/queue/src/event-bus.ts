import { busEventSchema, type BusEvent } from "@pregonero/contracts";
import { connectRedis } from "./redis.ts";
import {
  defaultHistory,
  EventHistory,
  numberedEvent,
  type HistoryLimits,
  type NumberedEvent,
} from "./streams/event-history.ts";
import { parsePosition, type Position } from "./streams/position.ts";

export interface EventBusOptions {
  readonly url: string;
  /** Keeps several installations on one Redis apart. */
  readonly prefix: string;
  readonly name: string;
  /** What is kept of streams that are appended to here. */
  readonly history?: HistoryLimits;
  /** Told once per frame that is not an event of ours. */
  readonly onInvalid?: (channel: string, error: unknown) => void;
}

/** @param numbered set when the event has a place in a stream, see `append` */
export type BusListener = (event: BusEvent, numbered?: NumberedEvent) => void;

/**
 * Publishes and relays events over Redis pub/sub. Subscriptions survive a restart of Redis; events meanwhile are lost.
 * What was appended to a stream can be read again for a while.
 */
export class EventBus {
  readonly #publisher;
  readonly #subscriber;
  readonly #options: EventBusOptions;
  readonly #history: EventHistory;
  readonly #listeners = new Map<string, Set<BusListener>>();

  constructor(options: EventBusOptions) {
    this.#options = options;
    this.#publisher = connectRedis(options.url, { name: `${options.name}:publish` });
    this.#subscriber = connectRedis(options.url, { name: `${options.name}:subscribe` });
    this.#history = new EventHistory(this.#publisher, options.prefix, options.history ?? defaultHistory);
    this.#subscriber.on("message", (channel: string, frame: string) => this.#relay(channel, frame));
  }

  /** @returns whether Redis took it. Never rejects: an event is a courtesy, the row is the truth. */
  async publish(channel: string, event: BusEvent): Promise<boolean> {
    try {
      await this.#publisher.publish(this.#key(channel), JSON.stringify(event));
      return true;
    } catch {
      return false;
    }
  }

  /**
   * Publishes an event that has a number in the channel's stream; a `messages` event takes one for each message.
   * @returns whether Redis took it. Never rejects.
   */
  async append(channel: string, event: BusEvent): Promise<boolean> {
    try {
      await this.#history.append(channel, event, this.#key(channel));
      return true;
    } catch {
      return false;
    }
  }

  /**
   * Whether the caller may do a thing now that all processes together do once in `ms` at most. Never rejects: with Redis
   * away nobody may, and nobody could hear of it.
   */
  async atMostEvery(name: string, ms: number): Promise<boolean> {
    try {
      return (
        (await this.#publisher.set(`${this.#options.prefix}:pace:${name}`, "1", "PX", ms, "NX")) === "OK"
      );
    } catch {
      return false;
    }
  }

  /** Where the stream of a channel stands. Rejects while Redis is away. */
  head(channel: string): Promise<Position> {
    return this.#history.head(channel);
  }

  /** What the stream of a channel holds after a position; see `EventHistory.after`. */
  after(channel: string, from: Position, limit: number): Promise<NumberedEvent[] | null> {
    return this.#history.after(channel, from, limit);
  }

  /** @returns a function that ends the subscription. Never rejects: with Redis away it takes effect when it is back. */
  subscribe(channel: string, listener: BusListener): () => void {
    const key = this.#key(channel);
    const listeners = this.#listeners.get(key) ?? new Set();
    if (listeners.size === 0) {
      this.#listeners.set(key, listeners);
      this.#track(key);
    }
    listeners.add(listener);
    return () => {
      if (!listeners.delete(listener) || listeners.size > 0) return;
      this.#listeners.delete(key);
      this.#track(key);
    };
  }

  /** Whether events flow now. */
  get ready(): boolean {
    return this.#publisher.status === "ready" && this.#subscriber.status === "ready";
  }

  /** Called each time that events stop flowing. */
  onLost(listener: () => void): void {
    let flowed = false;
    this.#subscriber.on("ready", () => (flowed = true));
    this.#subscriber.on("close", () => {
      if (flowed) listener();
      flowed = false;
    });
  }

  /** Called each time that events flow again after Redis was away: listeners may have missed some. */
  onReconnected(listener: () => void): void {
    let first = true;
    this.#subscriber.on("ready", () => {
      if (!first) listener();
      first = false;
    });
  }

  async close(): Promise<void> {
    this.#listeners.clear();
    this.#subscriber.disconnect();
    await this.#publisher.quit().catch(() => this.#publisher.disconnect());
  }

  #key(channel: string): string {
    return `${this.#options.prefix}:events:${channel}`;
  }

  /** Makes Redis's idea of our subscription equal to ours; on failure the next ready connection does. */
  #track(key: string): void {
    const wanted = this.#listeners.has(key);
    const call = wanted ? this.#subscriber.subscribe(key) : this.#subscriber.unsubscribe(key);
    call.catch(() => {
      this.#subscriber.once("ready", () => {
        if (this.#listeners.has(key) === wanted) this.#track(key);
      });
    });
  }

  #relay(key: string, frame: string): void {
    const listeners = this.#listeners.get(key);
    if (!listeners) return;
    try {
      const { position: at, ...json } = JSON.parse(frame) as Record<string, unknown>;
      const position = typeof at === "string" ? parsePosition(at) : undefined;
      const numbered = position && numberedEvent(position, json);
      const event = numbered?.event ?? busEventSchema.parse(json);
      for (const listener of listeners) listener(event, numbered);
    } catch (error) {
      this.#options.onInvalid?.(key, error);
    }
  }
}
