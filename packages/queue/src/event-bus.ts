import { busEventSchema, type BusEvent } from "@pregonero/contracts";
import { connectRedis } from "./redis.ts";

export interface EventBusOptions {
  readonly url: string;
  /** Keeps several installations on one Redis apart. */
  readonly prefix: string;
  readonly name: string;
  /** Told once per frame that is not an event of ours. */
  readonly onInvalid?: (channel: string, error: unknown) => void;
}

/** Publishes and relays events over Redis pub/sub. Subscriptions survive a restart of Redis; events meanwhile are lost. */
export class EventBus {
  readonly #publisher;
  readonly #subscriber;
  readonly #options: EventBusOptions;
  readonly #listeners = new Map<string, Set<(event: BusEvent) => void>>();

  constructor(options: EventBusOptions) {
    this.#options = options;
    this.#publisher = connectRedis(options.url, { name: `${options.name}:publish` });
    this.#subscriber = connectRedis(options.url, { name: `${options.name}:subscribe` });
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

  /** @returns a function that ends the subscription. Never rejects: with Redis away it takes effect when it is back. */
  subscribe(channel: string, listener: (event: BusEvent) => void): () => void {
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
      const event = busEventSchema.parse(JSON.parse(frame));
      for (const listener of listeners) listener(event);
    } catch (error) {
      this.#options.onInvalid?.(key, error);
    }
  }
}
