import type {
  Device,
  DeviceCommand,
  deviceCreateSchema,
  DeviceCredentialsSaved,
  deviceCredentialsWriteSchema,
  DeviceLink,
  DeviceLinkAnswer,
  devicePatchSchema,
  DevicePool,
  DevicePoolWrite,
  DeviceQr,
  DeviceTest,
} from "@pregonero/contracts";
import type { CallOptions, CreateOptions, Http } from "../http/http.ts";
import type { InputOf } from "../http/input.ts";
import { allPages, type Page, type PageQuery } from "../http/page.ts";

const path = (id: number, action = "") => `/api/v1/devices/${id}${action}`;

/** Sending numbers. */
export class Devices {
  readonly #http: Http;

  constructor(http: Http) {
    this.#http = http;
  }

  list(query: PageQuery = {}, options?: CallOptions): Promise<Page<Device>> {
    return this.#http.get("/api/v1/devices", { ...query }, options);
  }

  all(options?: CallOptions): AsyncGenerator<Device, void> {
    return allPages((cursor) =>
      this.list({ limit: 1_000, ...(cursor === undefined ? {} : { cursor }) }, options),
    );
  }

  get(id: number, options?: CallOptions): Promise<Device> {
    return this.#http.get(path(id), {}, options);
  }

  create(device: InputOf<typeof deviceCreateSchema>, options?: CreateOptions): Promise<Device> {
    return this.#http.post("/api/v1/devices", device, options);
  }

  update(id: number, changes: InputOf<typeof devicePatchSchema>, options?: CallOptions): Promise<Device> {
    return this.#http.patch(path(id), changes, options);
  }

  delete(id: number, options?: CallOptions): Promise<void> {
    return this.#http.delete(path(id), options);
  }

  /** Begins to link a phone. By `code` it waits, up to half a minute, for the pairing code. */
  link(id: number, method: DeviceLink, options?: CallOptions): Promise<DeviceLinkAnswer> {
    return this.#http.post(path(id, "/link"), method, options);
  }

  /** The QR that the phone is to scan; it changes every 20 seconds or so. Rejects with 409 when there is none now. */
  qr(id: number, options?: CallOptions): Promise<DeviceQr> {
    return this.#http.get(path(id, "/qr"), {}, options);
  }

  /** Something asked of the worker that holds the device, by the id that another answer gave. */
  command(id: number, commandId: string, options?: CallOptions): Promise<DeviceCommand> {
    return this.#http.get(path(id, `/commands/${encodeURIComponent(commandId)}`), {}, options);
  }

  unlink(id: number, options?: CallOptions): Promise<Device> {
    return this.#http.post(path(id, "/unlink"), undefined, options);
  }

  /**
   * Stores what a device of the Cloud API or of Wablas needs to speak to its provider, who is asked first whether it is
   * good. For admins; no call gives it out again.
   */
  setCredentials(
    id: number,
    credentials: InputOf<typeof deviceCredentialsWriteSchema>,
    options?: CallOptions,
  ): Promise<DeviceCredentialsSaved> {
    return this.#http.put(path(id, "/credentials"), credentials, options);
  }

  deleteCredentials(id: number, options?: CallOptions): Promise<void> {
    return this.#http.delete(path(id, "/credentials"), options);
  }

  /** Asks the provider whether the device can send. */
  test(id: number, options?: CallOptions): Promise<DeviceTest> {
    return this.#http.post(path(id, "/test"), undefined, options);
  }

  /** Takes a device back that was put aside. */
  resume(id: number, options?: CallOptions): Promise<Device> {
    return this.#http.post(path(id, "/resume"), undefined, options);
  }
}

/** Named sets of devices. */
export class DevicePools {
  readonly #http: Http;

  constructor(http: Http) {
    this.#http = http;
  }

  async list(options?: CallOptions): Promise<DevicePool[]> {
    return (await this.#http.get<{ items: DevicePool[] }>("/api/v1/device-pools", {}, options)).items;
  }

  get(id: number, options?: CallOptions): Promise<DevicePool> {
    return this.#http.get(`/api/v1/device-pools/${id}`, {}, options);
  }

  create(pool: DevicePoolWrite, options?: CreateOptions): Promise<DevicePool> {
    return this.#http.post("/api/v1/device-pools", pool, options);
  }

  replace(id: number, pool: DevicePoolWrite, options?: CallOptions): Promise<DevicePool> {
    return this.#http.put(`/api/v1/device-pools/${id}`, pool, options);
  }

  delete(id: number, options?: CallOptions): Promise<void> {
    return this.#http.delete(`/api/v1/device-pools/${id}`, options);
  }
}
