import { randomUUID } from "node:crypto";
import { busEventSchema, type BusEvent } from "@pregonero/contracts";
import type { Redis, Result } from "ioredis";
import { formatPosition, parsePosition, type Position } from "./position.ts";
import { appendScript, headScript, historyScript } from "./scripts.ts";

/** An entry of a stream: the events in it have the numbers `first` to `position.number`. */
export interface NumberedEvent {
  readonly first: number;
  readonly position: Position;
  readonly event: BusEvent;
}

export interface HistoryLimits {
  /** Newest events of a stream that are kept, about. 0 keeps none: then nobody can resume. */
  readonly events: number;
  /** A stream without a new event or a listener is forgotten after so many ms. */
  readonly forMs: number;
}

/** An entry may get lost without the connection being lost. */
const mendMs = 1_000;

export const defaultHistory: HistoryLimits = { events: 20_000, forMs: 600_000 };

declare module "ioredis" {
  interface RedisCommander<Context> {
    streamAppend(...args: (string | number)[]): Result<string, Context>;
    streamHead(...args: (string | number)[]): Result<string, Context>;
    streamHistory(...args: (string | number)[]): Result<[string, [string, string[]][]], Context>;
  }
}

/** Numbered streams of events, kept in Redis for a while. */
export class EventHistory {
  readonly #redis: Redis;
  readonly #prefix: string;
  readonly #limits: HistoryLimits;
  readonly #publisher = randomUUID();
  /** Channels of which an entry got lost. */
  readonly #broken = new Set<string>();
  #count = 0;
  #mending: NodeJS.Timeout | undefined;

  constructor(redis: Redis, prefix: string, limits: HistoryLimits) {
    this.#redis = redis;
    this.#prefix = prefix;
    this.#limits = limits;
    redis.defineCommand("streamAppend", { numberOfKeys: 2, lua: appendScript });
    redis.defineCommand("streamHead", { numberOfKeys: 2, lua: headScript });
    redis.defineCommand("streamHistory", { numberOfKeys: 2, lua: historyScript });
    redis.on("ready", () => void this.#mend());
  }

  /**
   * An entry that could not be stored makes the stream begin anew with the next one: whoever resumes is told that events
   * are missing, and never takes a gap for the whole.
   * @param publishOn the pub/sub channel that hears of it
   */
  async append(channel: string, event: BusEvent, publishOn: string): Promise<void> {
    const { events, forMs } = this.#limits;
    const broken = this.#broken.delete(channel) ? 1 : 0;
    this.#count += 1;
    const counts = [this.#publisher, this.#count, sizeOf(event), events, forMs, broken];
    try {
      await this.#redis.streamAppend(...this.#keys(channel), ...counts, publishOn, JSON.stringify(event));
    } catch (error) {
      this.#broken.add(channel);
      this.#mending ??= setTimeout(() => void this.#mend(), mendMs).unref();
      throw error;
    }
  }

  /** Where a stream stands. Rejects while Redis is away. */
  async head(channel: string): Promise<Position> {
    return positionOf(await this.#redis.streamHead(...this.#keys(channel), this.#limits.forMs, 0));
  }

  /**
   * What came after a position, at most `limit` entries, oldest first: empty when nothing did.
   * @returns null when that cannot be told (any more). Rejects while Redis is away.
   */
  async after(channel: string, from: Position, limit: number): Promise<NumberedEvent[] | null> {
    const [at, entries] = await this.#redis.streamHistory(
      ...this.#keys(channel),
      formatPosition(from),
      limit,
    );
    const head = parsePosition(at);
    if (!head || head.epoch !== from.epoch || head.number < from.number) return null;
    const numbered = entries.map(([id, fields]) =>
      numberedEvent(positionOf(id), JSON.parse(fields[1] ?? "")),
    );
    const first = numbered[0]?.first ?? head.number + 1;
    return first > from.number + 1 ? null : numbered;
  }

  /** Streams that lost an entry while Redis was away begin anew, though nothing more may ever be appended. */
  async #mend(): Promise<void> {
    clearTimeout(this.#mending);
    this.#mending = undefined;
    for (const channel of this.#broken) {
      this.#broken.delete(channel);
      try {
        await this.#redis.streamHead(...this.#keys(channel), this.#limits.forMs, 1);
      } catch {
        this.#broken.add(channel);
        return;
      }
    }
  }

  /** In one hash slot of a Redis Cluster. */
  #keys(channel: string): [string, string] {
    const name = `${this.#prefix}:{stream:${channel}}`;
    return [`${name}:events`, `${name}:head`];
  }
}

/** A `messages` event counts each of its messages. */
function sizeOf(event: BusEvent): number {
  return event.type === "messages" ? event.items.length : 1;
}

export function numberedEvent(position: Position, json: unknown): NumberedEvent {
  const event = busEventSchema.parse(json);
  return { event, position, first: position.number - sizeOf(event) + 1 };
}

function positionOf(id: string): Position {
  const position = parsePosition(id);
  if (!position) throw new Error(`not the position of a stream: ${id}`);
  return position;
}
