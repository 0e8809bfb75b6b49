import { PregoneroClient } from "@pregonero/client";
import type { DeviceKind } from "@pregonero/db";
import type { Device } from "./devices.ts";

/** What the API has promised to send, by its 202. */
export interface Campaign {
  readonly jobId: string;
  readonly kind: DeviceKind;
  readonly phones: readonly string[];
}

const firstPhone = 34_600_000_001;

/** Starts campaigns over the API; no number is ever used twice. */
export class Campaigns {
  readonly client: PregoneroClient;
  readonly #devices: readonly Device[];
  #next = firstPhone;

  constructor(apiUrl: string, token: string, devices: readonly Device[]) {
    // No WebSocket: nothing here is followed live.
    this.client = new PregoneroClient({ baseUrl: apiUrl, token });
    this.#devices = devices;
  }

  /** @param messages how many; the API has answered 202 when this resolves */
  async start(kind: DeviceKind, messages: number): Promise<Campaign> {
    const phones = Array.from({ length: messages }, () => this.#nextPhone());
    const device_ids = this.#devices.filter((device) => device.kind === kind).map(({ id }) => id);
    const { job_id: jobId } = await this.client.messages.sendBulk({
      device_ids,
      devices_limit: device_ids.length,
      messages: phones.map((to) => ({ to, message: `hello ${to}` })),
    });
    return { jobId, kind, phones };
  }

  /** Numbers that end in 0000 are not on WhatsApp there. */
  #nextPhone(): string {
    if (this.#next % 10_000 === 0) this.#next += 1;
    return String(this.#next++);
  }
}
