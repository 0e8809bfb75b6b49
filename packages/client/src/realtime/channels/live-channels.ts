import type {
  ChannelReading,
  ChannelsClientFrame,
  EventsFrame,
  SnapshotRequiredFrame,
  StateFrame,
  SubscribedFrame,
} from "@pregonero/contracts";
import { PregoneroError } from "../../http/pregonero-error.ts";
import { StayingSocket, type Frame, type RealtimeState, type SocketOptions } from "../staying-socket.ts";
import {
  isStream,
  type Channel,
  type HandlersOf,
  type StateHandlers,
  type StreamHandlers,
  type SubscribeOptions,
} from "./channel-types.ts";
import { Polling } from "./polling.ts";
import { StateChannel } from "./state-channel.ts";
import { StreamChannel } from "./stream-channel.ts";

export interface LiveChannelsOptions extends SocketOptions {
  /** Reads a channel over REST, for when no WebSocket can be had. */
  readonly readChannel: (
    channel: string,
    after: string | undefined,
    signal: AbortSignal,
  ) => Promise<ChannelReading>;
  /** How often to ask while there is no WebSocket, ms. Default 2,000. */
  readonly pollMs?: number;
}

/**
 * Channels over one connection that stays. After a loss states come again and streams go on where they stopped: each event
 * once and in order, or a call of `snapshot`. Where no WebSocket can be had the same comes by polling.
 */
export class LiveChannels {
  readonly #socket: StayingSocket;
  readonly #polling: Polling;
  readonly #states = new Map<string, StateChannel>();
  readonly #streams = new Map<string, StreamChannel>();
  readonly #degradedListeners = new Set<(degraded: boolean) => void>();

  constructor(options: LiveChannelsOptions) {
    this.#socket = new StayingSocket(options, {
      subprotocol: "pregonero.v1",
      frame: (frame) => this.#received(frame),
      connected: () => this.#resubscribe(),
    });
    this.#polling = new Polling({
      socket: this.#socket,
      pollMs: options.pollMs ?? 2_000,
      channels: () => [...this.#states.keys(), ...this.#streams.keys()],
      read: (channel, signal) => options.readChannel(channel, this.position(channel), signal),
      take: (channel, reading) => this.#polled(channel, reading),
      failed: (channel, error) => this.#pollFailed(channel, error),
    });
  }

  get state(): RealtimeState {
    return this.#socket.state;
  }

  /** What comes, comes by polling: there is no WebSocket for now. */
  get polling(): boolean {
    return this.#polling.active;
  }

  /** @returns a function that ends it */
  onState(listener: (state: RealtimeState) => void): () => void {
    return this.#socket.onState(listener);
  }

  /** Told when events stop flowing inside the server, and when they flow again. @returns a function that ends it */
  onDegraded(listener: (degraded: boolean) => void): () => void {
    this.#degradedListeners.add(listener);
    return () => void this.#degradedListeners.delete(listener);
  }

  /** Connects, and stays connected until `close`. */
  connect(): void {
    this.#socket.connect();
    this.#polling.start();
  }

  close(): void {
    this.#polling.stop();
    this.#socket.close();
  }

  /** Up to where the events of a stream have been told. */
  position(channel: string): string | undefined {
    return this.#streams.get(channel)?.position;
  }

  /** Listens for as long as the connection is wanted, over losses. @returns a function that ends it */
  subscribe<C extends Channel>(
    channel: C,
    handlers: HandlersOf<C>,
    options: SubscribeOptions = {},
  ): () => void {
    return isStream(channel)
      ? this.#subscribeStream(channel, handlers as StreamHandlers<unknown>, options.after)
      : this.#subscribeState(channel, handlers as StateHandlers<unknown>);
  }

  #subscribeState(channel: string, handlers: StateHandlers<unknown>): () => void {
    const known = this.#states.get(channel);
    const state = known ?? new StateChannel();
    this.#states.set(channel, state);
    state.add(handlers);
    if (!known) this.#send({ type: "subscribe", channel });
    return () => {
      state.remove(handlers);
      if (!state.unused || this.#states.get(channel) !== state) return;
      this.#states.delete(channel);
      this.#send({ type: "unsubscribe", channel });
    };
  }

  #subscribeStream(
    channel: string,
    handlers: StreamHandlers<unknown>,
    after: string | undefined,
  ): () => void {
    const known = this.#streams.get(channel);
    const stream = known ?? new StreamChannel(after);
    this.#streams.set(channel, stream);
    const reader = stream.add(handlers);
    if (!known) this.#subscribeAfter(channel, stream);
    return () => {
      stream.remove(reader);
      if (!stream.unused || this.#streams.get(channel) !== stream) return;
      this.#streams.delete(channel);
      this.#send({ type: "unsubscribe", channel });
    };
  }

  #resubscribe(): void {
    for (const channel of this.#states.keys()) this.#send({ type: "subscribe", channel });
    for (const [channel, stream] of this.#streams) {
      stream.reconnected();
      this.#subscribeAfter(channel, stream);
    }
  }

  #subscribeAfter(channel: string, { position: after }: StreamChannel): void {
    this.#send({ type: "subscribe", channel, ...(after === undefined ? {} : { after }) });
  }

  /** The server sends what the contract says. Frames of a later version are passed over. */
  #received(frame: Frame): void {
    const channel = typeof frame["channel"] === "string" ? frame["channel"] : "";
    const [state, stream] = [this.#states.get(channel), this.#streams.get(channel)];
    switch (frame.type) {
      case "subscribed":
        state?.subscribed();
        return stream?.subscribed(frame as unknown as SubscribedFrame);
      case "state":
        return state?.state((frame as unknown as StateFrame).data);
      case "events":
        if (stream && !stream.events(frame as unknown as EventsFrame)) this.#again(channel, stream);
        return undefined;
      case "snapshot_required":
        return stream?.lost(frame as unknown as SnapshotRequiredFrame);
      case "error":
        return (state ?? stream)?.refused(String(frame["error"]), String(frame["code"]));
      case "degraded":
        for (const listener of this.#degradedListeners) listener(frame["degraded"] === true);
        return undefined;
      default:
        return undefined;
    }
  }

  /** Goes on after what is known. */
  #again(channel: string, stream: StreamChannel): void {
    this.#send({ type: "unsubscribe", channel });
    this.#subscribeAfter(channel, stream);
  }

  #polled(channel: string, reading: ChannelReading): void {
    const { state, position, first, events, snapshot, snapshot_required: reason } = reading;
    const [known, stream] = [this.#states.get(channel), this.#streams.get(channel)];
    if (known && state) {
      known.subscribed();
      known.state(state);
    }
    if (!stream || position === null) return;
    const at = { channel, position };
    if (reason !== null) stream.lost({ type: "snapshot_required", ...at, reason, snapshot: snapshot ?? "" });
    else if (first !== null && events.length > 0) stream.events({ type: "events", ...at, first, events });
    else if (stream.position === undefined)
      stream.subscribed({ type: "subscribed", ...at, resumed: false, snapshot: snapshot ?? "" });
  }

  /** No answer, overload and trouble of the server's own pass; a 4xx does not. */
  #pollFailed(channel: string, error: unknown): void {
    if (!(error instanceof PregoneroError)) return;
    if (error.status === 401) return this.#polling.stop();
    if (error.status !== 404) return;
    const known = this.#states.get(channel) ?? this.#streams.get(channel);
    known?.refused(error.message, "unknown_channel");
  }

  #send(frame: ChannelsClientFrame): void {
    this.#socket.send(frame);
  }
}
