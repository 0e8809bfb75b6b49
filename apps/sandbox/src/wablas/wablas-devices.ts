import type { Inbound } from "../network/device.ts";
import { registrationSchema, type Registration } from "./registration.ts";
import { WablasDevice, type WablasParts } from "./wablas-device.ts";

const gateway = "wablas";

interface Attached {
  readonly device: WablasDevice;
  /** The number under which the network knows it. */
  phone: string;
  readonly receive: (message: Inbound) => void;
}

/** The registered devices, by token. */
export class WablasDevices {
  readonly #parts: WablasParts;
  readonly #attached = new Map<string, Attached>();

  /** Takes up what was registered before a restart, with the quota of the registration. */
  constructor(parts: WablasParts) {
    this.#parts = parts;
    for (const [token, input] of parts.network.gateways.registered(gateway)) {
      this.#attach(token, registrationSchema.parse(input));
    }
  }

  get(token: string): WablasDevice | undefined {
    return this.#attached.get(token)?.device;
  }

  list(): WablasDevice[] {
    return [...this.#attached.values()].map(({ device }) => device);
  }

  /** @throws z.ZodError when the input is no registration. */
  put(token: string, input: object): WablasDevice {
    const registration = registrationSchema.parse(input);
    this.#parts.network.gateways.register(gateway, token, input);
    return this.#attach(token, registration);
  }

  /** False when there is none. */
  remove(token: string): boolean {
    const attached = this.#attached.get(token);
    if (attached === undefined) return false;
    this.#parts.network.gateways.unregister(gateway, token);
    this.#parts.network.gateways.detach(attached.phone, attached.receive);
    this.#attached.delete(token);
    attached.device.close();
    return true;
  }

  close(): void {
    for (const { device } of this.#attached.values()) device.close();
  }

  #attach(token: string, registration: Registration): WablasDevice {
    const { gateways } = this.#parts.network;
    const attached = this.#attached.get(token) ?? this.#create(token, registration);
    attached.device.register(registration);
    gateways.detach(attached.phone, attached.receive);
    attached.phone = registration.phone;
    gateways.attach(attached.phone, attached.receive);
    return attached.device;
  }

  #create(token: string, registration: Registration): Attached {
    const device = new WablasDevice(token, registration, this.#parts);
    const receive = ({ phone, text }: Inbound): void => {
      device.receive({ from: phone ?? "", message: text, messageType: "text", name: `Phone ${phone ?? ""}` });
    };
    const attached = { device, phone: registration.phone, receive };
    this.#attached.set(token, attached);
    return attached;
  }
}
