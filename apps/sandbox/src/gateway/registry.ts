import type { z } from "zod";
import type { Inbound } from "../network/device.ts";
import type { Network } from "../network/network.ts";

/** One registered number of a gateway. */
interface Member<R> {
  register(registration: R): void;
  /** A message for the number, from anybody on the network. */
  receive(message: Inbound): void;
  close(): void;
}

export interface RegistryParts<R, M> {
  readonly network: Network;
  /** The gateway's name in the journal. */
  readonly gateway: string;
  readonly schema: z.ZodType<R>;
  readonly create: (key: string, registration: R) => M;
}

interface Attached<M> {
  readonly member: M;
  /** The number under which the network knows it. */
  phone: string;
  readonly receive: (message: Inbound) => void;
}

/** The registered numbers of a gateway, by the key that its callers use. */
export class Registry<R extends { readonly phone: string }, M extends Member<R>> {
  readonly #parts: RegistryParts<R, M>;
  readonly #attached = new Map<string, Attached<M>>();

  /** Takes up what was registered before a restart. */
  constructor(parts: RegistryParts<R, M>) {
    this.#parts = parts;
    for (const [key, input] of parts.network.gateways.registered(parts.gateway)) {
      this.#attach(key, parts.schema.parse(input));
    }
  }

  get(key: string): M | undefined {
    return this.#attached.get(key)?.member;
  }

  list(): M[] {
    return [...this.#attached.values()].map(({ member }) => member);
  }

  /**
   * Registers, or changes what is registered: messages under way and their webhooks are not touched.
   * @throws z.ZodError when the input is no registration.
   */
  put(key: string, input: object): M {
    const { network, gateway, schema } = this.#parts;
    const registration = schema.parse(input);
    // As it was written: parsing it again at the next start gives the same.
    network.gateways.register(gateway, key, input);
    return this.#attach(key, registration);
  }

  /** False when there is none. */
  remove(key: string): boolean {
    const { network, gateway } = this.#parts;
    const attached = this.#attached.get(key);
    if (attached === undefined) return false;
    network.gateways.unregister(gateway, key);
    network.gateways.detach(attached.phone, attached.receive);
    this.#attached.delete(key);
    attached.member.close();
    return true;
  }

  close(): void {
    for (const { member } of this.#attached.values()) member.close();
  }

  #attach(key: string, registration: R): M {
    const { gateways } = this.#parts.network;
    const attached = this.#attached.get(key) ?? this.#create(key, registration);
    attached.member.register(registration);
    gateways.detach(attached.phone, attached.receive);
    attached.phone = registration.phone;
    gateways.attach(attached.phone, attached.receive);
    return attached.member;
  }

  #create(key: string, registration: R): Attached<M> {
    const member = this.#parts.create(key, registration);
    const attached = {
      member,
      phone: registration.phone,
      receive: (message: Inbound) => member.receive(message),
    };
    this.#attached.set(key, attached);
    return attached;
  }
}
