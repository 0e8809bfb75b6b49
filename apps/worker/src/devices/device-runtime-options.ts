import type { ClaimedMessage, LeasedDevice, OpenClaim } from "@pregonero/db";
import type { TurnConsumer } from "@pregonero/queue";
import type { Logger } from "@pregonero/runtime";
import type { Channel, ChannelListener, SendFailure } from "../channels/channel.ts";
import type { DeviceChat } from "../chat/device-chat.ts";
import type { ClaimStore } from "../dispatch/claim-store.ts";
import type { OutcomeWriter } from "../dispatch/outcome-writer.ts";
import type { Pace } from "../dispatch/pace.ts";
import type { RecycleLimits } from "./context-recycler.ts";
import type { DeviceBooks } from "./device-books.ts";
import type { Lease } from "./lease.ts";

/** What one device under a lease is made of. */
export interface DeviceRuntimeOptions {
  readonly device: LeasedDevice;
  readonly lease: Lease;
  readonly openChannel: (listener: ChannelListener) => Channel;
  readonly books: DeviceBooks;
  readonly store: ClaimStore & { readOpenClaims(deviceId: number): Promise<OpenClaim[]> };
  readonly writer: OutcomeWriter;
  readonly pace: Pace;
  readonly turns: {
    wake(deviceId: number): Promise<void>;
    reset(deviceId: number): Promise<void>;
    consume(deviceId: number, runTurn: (signal: AbortSignal) => Promise<void>): TurnConsumer;
  };
  /** Books that nothing goes for so long, for whoever holds the device then. */
  readonly holdBack: (forMs: number) => Promise<void>;
  /** Books that the device is put aside for so long; 0 takes it back. */
  readonly putAside: (forMs: number, reason: string | null) => Promise<void>;
  /** What a refusal means beyond its message: an opt-out, a template that is wrong for all. */
  readonly refused: (message: ClaimedMessage, failure: SendFailure) => void;
  /** What is done with messages that come in, and with their files. */
  readonly chat: (channel: Channel) => DeviceChat;
  readonly log: Logger;
  readonly turnMs: number;
  readonly settleMs: number;
  readonly ackTimeoutMs: number;
  readonly recycle: RecycleLimits;
  /** How long a stop waits for sends under way. */
  readonly drainMs: number;
}
