import { formatPosition, type Position } from "@pregonero/queue";
import { sleep } from "@pregonero/runtime";
import type { StreamBatch } from "../streams/stream-batch.ts";
import type { StreamFeed, StreamListener } from "../streams/stream-feed.ts";
import type { StreamFeeds } from "../streams/stream-feeds.ts";
import type { StreamEncoder } from "./stream-encoder.ts";
import type { Subscriber, Subscription } from "./subscriber.ts";

export interface StreamSource {
  /** As the client calls it. */
  readonly channel: string;
  readonly busChannel: string;
  /** Where the snapshot is read over REST. */
  readonly snapshot: string;
  readonly feeds: StreamFeeds;
  readonly encoder: StreamEncoder;
}

/** So often the history is asked for again while Redis is away. */
const awayMs = 500;

type LossReason = "history_gone" | "unknown_position" | "events_lost";

/**
 * A stream for one subscriber: position first, then what it missed since the position that it gave, page by page as fast
 * as it reads, then what happens. Every event once and in order, or `snapshot_required`.
 */
export class StreamSubscription implements Subscription, StreamListener {
  readonly #source: StreamSource;
  readonly #subscriber: Subscriber;
  readonly #feed: StreamFeed;
  readonly #after: Position | undefined;
  #closed = false;
  /** Nobody knows yet where the stream stands: Redis is away. */
  #waiting = false;
  /** It has everything that there is, and gets what comes. */
  #live = false;
  #lossUntold = false;

  constructor(source: StreamSource, subscriber: Subscriber, after: Position | undefined) {
    this.#source = source;
    this.#subscriber = subscriber;
    this.#after = after;
    this.#feed = source.feeds.use(source.busChannel);
  }

  async start(): Promise<boolean> {
    await this.#feed.loaded;
    if (this.#after && this.#isAhead(this.#after)) await this.#feed.check();
    if (!this.#closed) await this.#begin(this.#after);
    return true;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#source.feeds.release(this.#source.busChannel, this);
  }

  events(batch: StreamBatch): void {
    const { encoder, channel } = this.#source;
    this.#subscriber.send(encoder.encode(channel, batch, this.#subscriber.masked));
  }

  lost(position: Position): void {
    if (!this.#waiting) return this.#requireSnapshot(position, "events_lost");
    this.#waiting = false;
    this.#feed.remove(this);
    void this.#begin(this.#after);
  }

  /** Something happened that no event told. */
  eventsLost(): void {
    const position = this.#feed.settle();
    if (position && this.#live) this.#requireSnapshot(position, "events_lost");
    else this.#lossUntold = true;
  }

  async #begin(after: Position | undefined): Promise<void> {
    const position = this.#feed.settle();
    this.#waiting = position === undefined;
    const objection = after && position && objectionTo(after, position);
    if (!after || !position || objection) {
      // Nothing may come in between: the position and what follows it belong together.
      this.#subscribed(position, false);
      if (position && objection) this.#requireSnapshot(position, objection);
      return this.#join();
    }
    this.#subscribed(after, true);
    await this.#catchUp(after);
  }

  async #catchUp(after: Position): Promise<void> {
    let at = after;
    while (!this.#closed) {
      const position = this.#feed.settle();
      if (position && at.epoch === position.epoch && at.number === position.number) return this.#join();
      const page = at.epoch === position?.epoch ? await this.#page(at) : null;
      if (this.#closed) return;
      if (!page) return this.#giveUp();
      for (const batch of page) this.events(batch);
      at = page.at(-1)?.position ?? at;
      await this.#subscriber.drained();
    }
  }

  /** Waits while Redis is away. Null when the history does not reach back so far, or the subscription was closed. */
  async #page(at: Position): Promise<readonly StreamBatch[] | null> {
    while (!this.#closed) {
      try {
        return await this.#feed.page(at);
      } catch {
        await sleep(awayMs);
      }
    }
    return null;
  }

  #giveUp(): void {
    const position = this.#feed.settle();
    if (position) this.#requireSnapshot(position, "history_gone");
    this.#join();
  }

  #join(): void {
    this.#feed.add(this);
    this.#live = !this.#waiting;
    if (!this.#live || !this.#lossUntold) return;
    this.#lossUntold = false;
    this.eventsLost();
  }

  /** The client comes from an instance that is further than this one. */
  #isAhead(after: Position): boolean {
    const position = this.#feed.settle();
    return position?.epoch !== after.epoch || position.number < after.number;
  }

  #subscribed(position: Position | undefined, resumed: boolean): void {
    const { channel, snapshot } = this.#source;
    const at = position ? formatPosition(position) : null;
    this.#subscriber.sendFrame({ type: "subscribed", channel, position: at, resumed, snapshot });
  }

  #requireSnapshot(at: Position, reason: LossReason): void {
    const { channel, snapshot } = this.#source;
    const position = formatPosition(at);
    this.#subscriber.sendFrame({ type: "snapshot_required", channel, position, reason, snapshot });
  }
}

function objectionTo(after: Position, position: Position): LossReason | undefined {
  if (after.epoch !== position.epoch) return "history_gone";
  return after.number > position.number ? "unknown_position" : undefined;
}
