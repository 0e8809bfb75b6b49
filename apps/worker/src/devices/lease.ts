import type { LeaseKey } from "@pregonero/db";
import { monotonicMs } from "@pregonero/runtime";

/**
 * A worker's right to drive one device, as it can be known without asking: valid for so long from the moment that the
 * request for it was *sent*, by the monotonic clock, so that neither a slow answer, a wall clock set back nor a stopped
 * process makes it longer than the database thinks it is.
 */
export class Lease implements LeaseKey {
  readonly deviceId: number;
  readonly workerId: string;
  readonly epoch: number;
  #validUntilMs: number;

  constructor(key: LeaseKey, requestedAtMs: number, leaseMs: number) {
    this.deviceId = key.deviceId;
    this.workerId = key.workerId;
    this.epoch = key.epoch;
    this.#validUntilMs = requestedAtMs + leaseMs;
  }

  renewed(requestedAtMs: number, leaseMs: number): void {
    this.#validUntilMs = requestedAtMs + leaseMs;
  }

  lose(): void {
    this.#validUntilMs = 0;
  }

  /** Instant of `performance.now()` after which nothing may begin under this lease. */
  get validUntilMs(): number {
    return this.#validUntilMs;
  }

  get leftMs(): number {
    return this.#validUntilMs - monotonicMs();
  }
}
