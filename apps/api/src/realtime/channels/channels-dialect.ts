import {
  channelsClientFrameSchema,
  type ChannelsClientFrame,
  type ChannelsErrorCode,
  type ChannelsServerFrame,
} from "@pregonero/contracts";
import type { Connection } from "../connection.ts";
import type { Dialect, RealtimePrincipal } from "../dialect.ts";
import type { Outgoing } from "../wire.ts";
import type { ChannelDesk } from "./channel-desk.ts";
import type { Subscriber, Subscription } from "./subscriber.ts";

export interface ChannelsDeps {
  readonly desk: ChannelDesk;
  readonly maxSubscriptions: number;
  readonly heartbeatMs: number;
  readonly health: { readonly degraded: boolean; watch(told: (degraded: boolean) => void): () => void };
}

/** One connection of the native protocol; see packages/contracts/src/channels.ts. */
export class ChannelsDialect implements Dialect, Subscriber {
  readonly principal: RealtimePrincipal;
  readonly masked: boolean;
  readonly #connection: Connection;
  readonly #deps: ChannelsDeps;
  readonly #subscriptions = new Map<string, Subscription>();
  readonly #unwatch: () => void;

  constructor(connection: Connection, principal: RealtimePrincipal, deps: ChannelsDeps) {
    this.principal = principal;
    this.masked = principal.role === "viewer";
    this.#connection = connection;
    this.#deps = deps;
    const { health, heartbeatMs } = deps;
    this.sendFrame({
      type: "connected",
      message: "Connected",
      connection_id: connection.id,
      role: principal.role,
      heartbeat_ms: heartbeatMs,
      degraded: health.degraded,
    });
    this.#unwatch = health.watch((degraded) => this.sendFrame(degradedFrame(degraded)));
  }

  get open(): boolean {
    return this.#connection.open;
  }

  get subscriptions(): number {
    return this.#subscriptions.size;
  }

  received(text: string | undefined): void {
    const frame = text === undefined ? undefined : parseFrame(text);
    if (frame) this.#handle(frame);
    else this.refuse("invalid_frame", "Not a valid frame: expected subscribe, unsubscribe or ping");
  }

  closed(): void {
    this.#unwatch();
    for (const subscription of this.#subscriptions.values()) subscription.close();
    this.#subscriptions.clear();
  }

  send(out: Outgoing): void {
    this.#connection.send(out);
  }

  sendFrame(frame: ChannelsServerFrame): void {
    this.#connection.sendJson(frame);
  }

  refuse(code: ChannelsErrorCode, error: string, channel?: string): void {
    this.sendFrame({ type: "error", error, code, ...(channel === undefined ? {} : { channel }) });
  }

  drained(): Promise<void> {
    return this.#connection.drained();
  }

  #handle(frame: ChannelsClientFrame): void {
    switch (frame.type) {
      case "subscribe":
        return void this.#subscribe(frame.channel, frame.after);
      case "unsubscribe":
        this.#unsubscribe(frame.channel);
        return this.sendFrame({ type: "unsubscribed", channel: frame.channel });
      case "ping":
        return this.sendFrame({ type: "pong", timestamp: frame.timestamp });
      case "auth":
        // The first frame of clients that do not know that they came in with credentials.
        return undefined;
    }
  }

  /** Never rejects: neither channels that start nor their end do. */
  async #subscribe(channel: string, after: string | undefined): Promise<void> {
    if (this.#subscriptions.has(channel)) return;
    if (this.#subscriptions.size >= this.#deps.maxSubscriptions) {
      const most = `At most ${this.#deps.maxSubscriptions} channels can be subscribed to on one connection`;
      return this.refuse("too_many_subscriptions", most, channel);
    }
    const subscription = this.#deps.desk.open(channel, this, after);
    if (!subscription) return this.refuse("unknown_channel", "There is no such channel", channel);
    this.#subscriptions.set(channel, subscription);
    if ((await subscription.start()) || this.#subscriptions.get(channel) !== subscription) return;
    this.#unsubscribe(channel);
    this.refuse("unknown_channel", "There is no such channel", channel);
  }

  #unsubscribe(channel: string): void {
    this.#subscriptions.get(channel)?.close();
    this.#subscriptions.delete(channel);
  }
}

function degradedFrame(degraded: boolean): ChannelsServerFrame {
  const message = degraded
    ? "Events do not flow for now: states come later, events are made up for"
    : "Events flow again";
  return { type: "degraded", degraded, message };
}

function parseFrame(text: string): ChannelsClientFrame | undefined {
  try {
    return channelsClientFrameSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
