import type { IncomingMessage, ServerResponse } from "node:http";
import type { Logger } from "@pregonero/runtime";
import { GatewayFaults } from "../gateway/gateway-faults.ts";
import { Line, type Reply } from "../gateway/line.ts";
import { Registry } from "../gateway/registry.ts";
import type { Network } from "../network/network.ts";
import { Timers } from "../network/timers.ts";
import { wablasFaultSettingsSchema, type WablasFaultSettings } from "./fault-settings.ts";
import { Refusal } from "./refusal.ts";
import { registrationSchema, type Registration } from "./registration.ts";
import { readFileRequest, readSendRequest, type WablasMessage } from "./send-request.ts";
import { WablasDevice } from "./wablas-device.ts";

const prefix = "/wablas";
const sendPath = `${prefix}/api/v2/send-message`;
/** Files, one a call. */
const fileSendPath = new RegExp(`^${prefix}/api/send-(image|video|audio|document)-from-local$`);
const infoPath = `${prefix}/api/device/info`;

/** Stands in for a Wablas host. */
export class WablasApi {
  /** By token. */
  readonly devices: Registry<Registration, WablasDevice>;
  readonly faults: GatewayFaults<WablasFaultSettings>;
  readonly #timers = new Timers();
  readonly #line: Line;
  readonly #network: Network;

  constructor(network: Network, logger: Logger) {
    this.#network = network;
    this.faults = new GatewayFaults("wablas", wablasFaultSettingsSchema);
    const parts = { network, faults: this.faults, timers: this.#timers };
    this.devices = new Registry({
      network,
      gateway: "wablas",
      schema: registrationSchema,
      create: (token, registration) => new WablasDevice(token, registration, parts),
    });
    this.#line = new Line(this.faults, this.#timers, logger);
  }

  /** Answers anything under `/wablas/`. */
  serve(request: IncomingMessage, response: ServerResponse): void {
    const [path = "", query = ""] = (request.url ?? "").split("?");
    const authorization = request.headers.authorization ?? "";
    if (request.method === "POST" && path === sendPath) {
      this.#line.send(request, response, (body) =>
        this.#answered(() => this.#send(this.#authorize(authorization), body)),
      );
    } else if (request.method === "POST" && fileSendPath.test(path)) {
      const [, type = "document"] = fileSendPath.exec(path) ?? [];
      this.#line.send(request, response, (body) =>
        this.#answered(() =>
          this.#accept(this.#authorize(authorization), [readFileRequest(type, body, this.#network.files)]),
        ),
      );
    } else if (request.method === "GET" && path === infoPath) {
      const token = new URLSearchParams(query).get("token") ?? authorization;
      this.#line.ask(request, response, () => this.#answered(() => this.#show(token)));
    } else {
      const nothing = new Refusal(`There is nothing at ${request.method ?? ""} ${path}.`, 404);
      this.#line.ask(request, response, () => nothing.toReply(404));
    }
  }

  close(): void {
    this.devices.close();
    this.#timers.close();
  }

  #answered(handle: () => Reply): Reply {
    try {
      return handle();
    } catch (error) {
      if (error instanceof Refusal) return error.toReply(this.faults.settings.failure_http_status);
      throw error;
    }
  }

  /** @throws Refusal unless the text is `{token}.{secret_key}`; tokens may hold dots themselves. */
  #authorize(text: string): WablasDevice {
    const device = this.devices
      .list()
      .find(({ token, registration }) => text === `${token}.${registration.secret_key}`);
    if (device === undefined) throw new Refusal("token invalid");
    return device;
  }

  #send(device: WablasDevice, body: string): Reply {
    return this.#accept(device, readSendRequest(body));
  }

  #accept(device: WablasDevice, given: readonly WablasMessage[]): Reply {
    const accepted = device.accept(given);
    const { numeric_phones } = this.faults.settings;
    const messages = accepted.map(({ id, phone, message, refId }) => {
      const shown = numeric_phones ? Number(phone) : phone;
      return { id, phone: shown, message, status: "pending", ref_id: refId };
    });
    const data = { device_id: device.serial, quota: device.quota, messages };
    const message = "Message is pending and waiting to be processed";
    return { status: 200, body: { status: true, message, data } };
  }

  /** The token alone will do here. */
  #show(token: string): Reply {
    const device = this.devices.get(token) ?? this.#authorize(token);
    const { name, phone, status, expired_date } = device.registration;
    const data = {
      serial: device.serial,
      name,
      sender: phone,
      quota: device.quota,
      expired_date,
      status,
    };
    return { status: 200, body: { status: true, data } };
  }
}
