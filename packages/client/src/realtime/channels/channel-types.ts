import type {
  CrmEvent,
  DeviceState,
  JobState,
  MessageMovedEvent,
  SnapshotRequiredFrame,
  TenantStats,
} from "@pregonero/contracts";

/** Tell how things are: newest wins. */
export type StateChannel = `job:${string}` | "jobs" | `device:${number}` | "devices" | "stats";

/** Tell each event once, in order. */
export type StreamChannel = `job:${string}:messages` | "crm";

export type Channel = StateChannel | StreamChannel;

/** What a state channel tells. Of `jobs` and `devices` always all, whatever has changed. */
export type StateOf<C extends StateChannel> = C extends "jobs"
  ? { readonly jobs: readonly JobState[] }
  : C extends "devices"
    ? { readonly devices: readonly DeviceState[] }
    : C extends "stats"
      ? TenantStats
      : C extends `device:${number}`
        ? DeviceState
        : JobState;

export type EventOf<C extends StreamChannel> = C extends "crm" ? CrmEvent : MessageMovedEvent;

export interface StateHandlers<State> {
  state(state: State): void;
  refused?(error: string, code: string): void;
}

export interface SnapshotCall {
  /** `first` when the subscription begins without a position; else why events are missing. */
  readonly reason: "first" | SnapshotRequiredFrame["reason"];
  /** What follows begins after it. */
  readonly position: string;
  /** Path of the REST API that has the present state. */
  readonly path: string;
}

export interface EventsPlace {
  /** Number of the first event; those of the others follow. */
  readonly first: number;
  /** After the last one: keep it to go on from there, also after a restart. */
  readonly position: string;
}

export interface StreamHandlers<Event> {
  /** Events in order, each once. */
  events(events: readonly Event[], place: EventsPlace): void;
  /**
   * The present state is to be read, from the REST API. No events are told until it resolves; when it rejects, it is
   * called again after a pause.
   */
  snapshot?(call: SnapshotCall): void | Promise<void>;
  refused?(error: string, code: string): void;
}

export interface SubscribeOptions {
  /** Of stream channels: go on after this position. */
  readonly after?: string;
}

export type HandlersOf<C extends Channel> = C extends StreamChannel
  ? StreamHandlers<EventOf<C>>
  : C extends StateChannel
    ? StateHandlers<StateOf<C>>
    : never;

export function isStream(channel: string): boolean {
  return channel === "crm" || channel.endsWith(":messages");
}
