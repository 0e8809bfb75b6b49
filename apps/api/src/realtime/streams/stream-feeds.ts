import type { EventSource } from "../event-source.ts";
import { StreamFeed, type StreamListener } from "./stream-feed.ts";

/** Streams are looked at again so often: an event may get lost on the way without the connection to Redis being lost. */
const checkMs = 10_000;

/** The streams that sockets of this process listen to: one subscription for each, however many listen. */
export class StreamFeeds {
  readonly #bus: EventSource;
  readonly #feeds = new Map<string, StreamFeed>();
  /** By feed: who uses it, listening or not yet. */
  readonly #users = new Map<string, number>();
  readonly #checking: NodeJS.Timeout;

  constructor(bus: EventSource) {
    this.#bus = bus;
    bus.onReconnected(() => void this.check());
    this.#checking = setInterval(() => void this.check(), checkMs);
  }

  /** To be given back by `release`. */
  use(channel: string): StreamFeed {
    const feed = this.#feeds.get(channel) ?? new StreamFeed(channel, this.#bus);
    this.#feeds.set(channel, feed);
    this.#users.set(channel, (this.#users.get(channel) ?? 0) + 1);
    return feed;
  }

  release(channel: string, listener?: StreamListener): void {
    const feed = this.#feeds.get(channel);
    if (!feed) return;
    if (listener) feed.remove(listener);
    const users = (this.#users.get(channel) ?? 1) - 1;
    if (users > 0) return void this.#users.set(channel, users);
    this.#users.delete(channel);
    this.#feeds.delete(channel);
    feed.close();
  }

  /** Resolves when every stream has what Redis has. */
  async check(): Promise<void> {
    await Promise.all([...this.#feeds.values()].map((feed) => feed.check()));
  }

  close(): void {
    clearInterval(this.#checking);
    for (const feed of this.#feeds.values()) feed.close();
    this.#feeds.clear();
  }
}
