import type { Inbound } from "./device.ts";
import type { JournalRecord } from "./journal.ts";

/** What happens at the gateway's end of the line when a message for the number comes in. */
export type Receive = (message: Inbound) => void;

/** The accounts that gateways have on the network: what was registered for each, and who answers for which number. */
export class GatewayLines {
  readonly #registered = new Map<string, Map<string, unknown>>();
  readonly #receivers = new Map<string, Receive>();
  readonly #record: (record: JournalRecord) => void;

  constructor(record: (record: JournalRecord) => void) {
    this.#record = record;
  }

  /** By key, as `register` was given it, oldest first; kept over a restart. */
  registered(gateway: string): ReadonlyMap<string, unknown> {
    return this.#ofGateway(gateway);
  }

  /** Replaces what was there under the key. `value` must survive JSON. */
  register(gateway: string, key: string, value: object): void {
    this.#record({ k: "gateway", gateway, key, value });
    this.#ofGateway(gateway).set(key, value);
  }

  unregister(gateway: string, key: string): void {
    this.#record({ k: "gateway", gateway, key, value: null });
    this.#ofGateway(gateway).delete(key);
  }

  /** From now on messages for the number go to `receive`. */
  attach(phone: string, receive: Receive): void {
    this.#receivers.set(phone, receive);
  }

  /** Only when the number is still answered for by this one: it may have passed to another gateway. */
  detach(phone: string, receive: Receive): void {
    if (this.#receivers.get(phone) === receive) this.#receivers.delete(phone);
  }

  receiver(phone: string): Receive | undefined {
    return this.#receivers.get(phone);
  }

  replay(record: JournalRecord): void {
    if (record.k !== "gateway") return;
    const registered = this.#ofGateway(record.gateway);
    if (record.value === null) registered.delete(record.key);
    else registered.set(record.key, record.value);
  }

  #ofGateway(gateway: string): Map<string, unknown> {
    const known = this.#registered.get(gateway) ?? new Map<string, unknown>();
    this.#registered.set(gateway, known);
    return known;
  }
}
