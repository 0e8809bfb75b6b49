import { busChannel, type ConnectionState } from "@pregonero/contracts";
import {
  recordConnection,
  recordPhone,
  recordUnlinked,
  recordUnwanted,
  type Database,
  type LeasedDevice,
} from "@pregonero/db";
import type { EventBus } from "@pregonero/queue";
import type { Logger } from "@pregonero/runtime";

export interface DeviceBooksOptions {
  readonly db: Database;
  readonly bus: EventBus;
  readonly device: LeasedDevice;
  readonly log: Logger;
}

/**
 * Keeps the device's row true and tells who listens. Writes follow each other in the order in which things happened,
 * and are guarded by the lease's epoch: a former holder changes nothing.
 */
export class DeviceBooks {
  readonly #options: DeviceBooksOptions;
  #last: Promise<void> = Promise.resolve();

  constructor(options: DeviceBooksOptions) {
    this.#options = options;
  }

  connection(state: ConnectionState, reason: string | null, qr?: string): void {
    this.#enqueue(async ({ db, bus, device }) => {
      const row = await recordConnection(db, held(device), {
        state,
        reason,
        ...(qr === undefined ? {} : { qr }),
      });
      if (row) await bus.publish(busChannel.tenant(row.tenantId), { type: "device", device: row });
    });
  }

  phone(phone: string): void {
    this.#enqueue(({ db, device }) => recordPhone(db, held(device), phone));
  }

  unlinked(wanted: boolean): void {
    this.#enqueue(({ db, device }) => recordUnlinked(db, held(device), wanted));
  }

  /** No worker needs to hold the device; the next renewal of its lease lets it go. */
  unwanted(): void {
    this.#enqueue(({ db, device }) => recordUnwanted(db, held(device)));
  }

  /** Resolves when all that was told so far is written or was given up. */
  settled(): Promise<void> {
    return this.#last;
  }

  #enqueue(write: (options: DeviceBooksOptions) => Promise<void>): void {
    this.#last = this.#last
      .then(() => write(this.#options))
      .catch((error: unknown) => {
        this.#options.log.warn("the device's row could not be written", { error });
      });
  }
}

function held(device: LeasedDevice): { deviceId: number; epoch: number } {
  return { deviceId: device.id, epoch: device.epoch };
}
