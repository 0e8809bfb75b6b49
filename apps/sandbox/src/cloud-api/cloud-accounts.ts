import type { Inbound } from "../network/device.ts";
import { CloudAccount, newWamid, type CloudParts } from "./cloud-account.ts";
import { contactOf } from "./notifications.ts";
import { registrationSchema, type Registration } from "./registration.ts";

const gateway = "cloud";

interface Attached {
  readonly account: CloudAccount;
  /** The number under which the network knows it. */
  phone: string;
  readonly receive: (message: Inbound) => void;
}

/** The registered numbers, by phone number id. */
export class CloudAccounts {
  readonly #parts: CloudParts;
  readonly #attached = new Map<string, Attached>();

  /** Takes up what was registered before a restart. */
  constructor(parts: CloudParts) {
    this.#parts = parts;
    for (const [id, input] of parts.network.gateways.registered(gateway)) {
      this.#attach(id, registrationSchema.parse(input));
    }
  }

  get(id: string): CloudAccount | undefined {
    return this.#attached.get(id)?.account;
  }

  list(): CloudAccount[] {
    return [...this.#attached.values()].map(({ account }) => account);
  }

  /** @throws z.ZodError when the input is no registration. */
  put(id: string, input: object): CloudAccount {
    const registration = registrationSchema.parse(input);
    // As it was written: parsing it again at the next start gives the same.
    this.#parts.network.gateways.register(gateway, id, input);
    return this.#attach(id, registration);
  }

  /** False when there is none. */
  remove(id: string): boolean {
    const attached = this.#attached.get(id);
    if (attached === undefined) return false;
    this.#parts.network.gateways.unregister(gateway, id);
    this.#parts.network.gateways.detach(attached.phone, attached.receive);
    this.#attached.delete(id);
    attached.account.close();
    return true;
  }

  close(): void {
    for (const { account } of this.#attached.values()) account.close();
  }

  #attach(id: string, registration: Registration): CloudAccount {
    const { gateways } = this.#parts.network;
    const attached = this.#attached.get(id) ?? this.#create(id, registration);
    attached.account.register(registration);
    gateways.detach(attached.phone, attached.receive);
    attached.phone = registration.phone;
    gateways.attach(attached.phone, attached.receive);
    return attached.account;
  }

  #create(id: string, registration: Registration): Attached {
    const account = new CloudAccount(id, registration, this.#parts);
    const receive = ({ phone, text, at }: Inbound): void => {
      const from = phone ?? "";
      const message = { from, id: newWamid(from), timestamp: String(at), type: "text", text: { body: text } };
      account.receive(from, message, contactOf({ waId: from, name: `Phone ${from}` }));
    };
    const attached = { account, phone: registration.phone, receive };
    this.#attached.set(id, attached);
    return attached;
  }
}
