import type { ClaimedMessage, LaneClass } from "@pregonero/db";
import type { Lease } from "../devices/lease.ts";
import type { PaceToKeep } from "./pace.ts";

export interface ClaimRequest {
  readonly lease: Lease;
  readonly limit: number;
  readonly quantum: number;
  readonly sendMs: number;
  readonly laneClass: LaneClass;
  readonly day: string;
  readonly cap: number | null;
  readonly pace: PaceToKeep | null;
}

/** What a turn needs of the message store. */
export interface ClaimStore {
  claim(request: ClaimRequest): Promise<ClaimedMessage[]>;
  /** Those of the claims whose job still runs. */
  confirm(providerMessageIds: readonly string[]): Promise<ReadonlySet<string>>;
  /** So many claims of that day were given back unsent: they do not count against its cap. */
  uncount(given: { deviceId: number; day: string; count: number }): Promise<void>;
}

/** A claim at hand that was not begun. */
export interface Ready {
  readonly message: ClaimedMessage;
  readonly claimedAtMs: number;
  /**
   * By the lease as it was at the claim: the row knows no later end, and by it others judge when the message can no more
   * be under way. A lease renewed since does not make it longer.
   */
  readonly notAfterMs: number;
}
