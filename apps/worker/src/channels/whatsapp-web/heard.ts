import type { Ack } from "../channel.ts";
import { ackOf } from "./outcome.ts";
import { Recent } from "./recent.ts";

const limit = 10_000;
const ranks: Record<Ack, number> = { failed: -1, pending: 0, sent: 1, delivered: 2, read: 3 };

/**
 * What was told already. Acks come over two ways at once, doubled and out of order; inbound messages can come twice.
 * An ack is passed on when it goes further than what was told before; a failure only when nothing was.
 */
export class Heard {
  readonly #acks = new Recent<string, number>(limit);
  readonly #inbound = new Recent<string, true>(limit);

  /** The ack to pass on, or null when it says nothing new. */
  newAck(id: string, raw: number): Ack | null {
    const ack = ackOf(raw);
    const rank = ranks[ack];
    const known = this.#acks.get(id);
    if (ack === "pending" || (known !== undefined && known >= rank)) return null;
    this.#acks.set(id, rank);
    return ack;
  }

  isNewInbound(id: string): boolean {
    if (this.#inbound.get(id) === true) return false;
    this.#inbound.set(id, true);
    return true;
  }
}
