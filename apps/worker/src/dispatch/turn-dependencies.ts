import type { ClaimedMessage } from "@pregonero/db";
import type { Logger } from "@pregonero/runtime";
import type { Channel, SendOutcome } from "../channels/channel.ts";
import type { Lease } from "../devices/lease.ts";
import type { ClaimStore } from "./claim-store.ts";
import type { Contents } from "./content.ts";
import type { OutcomeWriter } from "./outcome-writer.ts";
import type { Pace } from "./pace.ts";

export interface TurnDependencies {
  readonly lease: Lease;
  readonly channel: Channel;
  readonly store: ClaimStore;
  readonly writer: OutcomeWriter;
  readonly pace: Pace;
  readonly contents: Contents;
  readonly log: Logger;
  /** How a send ended, for the device's health. */
  readonly ended: (message: ClaimedMessage, outcome: SendOutcome) => void;
  readonly turnMs: number;
  readonly settleMs: number;
}

/**
 * - `drained`: nothing left to claim now
 * - `yielded`: the turn's time is over and there is more
 * - `stopped`: the device cannot send now (signal, lease, connection)
 */
export type TurnEnd = "drained" | "yielded" | "stopped";
