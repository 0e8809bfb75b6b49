import type { ChannelsErrorCode, ChannelsServerFrame } from "@pregonero/contracts";
import type { RealtimePrincipal } from "../dialect.ts";
import type { Outgoing } from "../wire.ts";

/** A connection as channels see it. */
export interface Subscriber {
  readonly principal: RealtimePrincipal;
  /** Phone numbers as viewers see them. */
  readonly masked: boolean;
  readonly open: boolean;
  send(out: Outgoing): void;
  sendFrame(frame: ChannelsServerFrame): void;
  refuse(code: ChannelsErrorCode, error: string, channel?: string): void;
  /** Resolves when the client has read most of what was sent, or has gone. */
  drained(): Promise<void>;
}

/** What a subscriber gets of one channel, until `close`. */
export interface Subscription {
  /** Resolves with whether there is such a channel for this subscriber. Never rejects. */
  start(): Promise<boolean>;
  close(): void;
}
