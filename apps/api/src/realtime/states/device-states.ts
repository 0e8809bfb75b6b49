import { busChannel, type BusEvent, type DeviceChanged } from "@pregonero/contracts";
import type { Logger } from "@pregonero/runtime";
import type { EventSource } from "../event-source.ts";
import { LatestOnly } from "./latest-only.ts";
import { Rounds } from "./rounds.ts";

export type DeviceRow = DeviceChanged["device"];
export type ReadDevices = (tenantIds: readonly number[]) => Promise<readonly DeviceRow[]>;
export type DeviceListener = (device: DeviceRow) => void;

export interface DeviceStatesOptions {
  readonly bus: EventSource;
  readonly readDevices: ReadDevices;
  readonly log: Logger;
  readonly pollMs: number;
}

interface Known {
  device: DeviceRow;
  /** Round of reading after which an event was heard: an older row is not news. */
  heardIn: number;
  readonly tell: LatestOnly<DeviceRow>;
}

interface Tenant {
  readonly devices: Map<number, Known>;
  readonly listeners: Set<DeviceListener>;
  readonly unsubscribe: () => void;
  readonly loaded: Promise<void>;
  /** Whether the rows have been read once. */
  known: boolean;
}

const stateIntervalMs = 250;

/** How the devices of tenants stand whom sockets of this process belong to. Events make it quick, rows make it true. */
export class DeviceStates {
  readonly #options: DeviceStatesOptions;
  readonly #tenants = new Map<number, Tenant>();
  readonly #rounds: Rounds;
  #reads = 0;

  constructor(options: DeviceStatesOptions) {
    const { bus, log, pollMs } = options;
    this.#options = options;
    this.#rounds = new Rounds({
      intervalMs: pollMs,
      log,
      flowing: () => bus.ready,
      onFlowing: (listener) => bus.onReconnected(listener),
      read: () => this.#read([...this.#tenants.keys()]),
    });
  }

  /** @returns all devices of the tenant as they are now; changes go to `listener` until `unwatch`, in either case. */
  async watch(tenantId: number, listener: DeviceListener): Promise<DeviceRow[]> {
    const tenant = this.#tenants.get(tenantId) ?? this.#open(tenantId);
    tenant.listeners.add(listener);
    await tenant.loaded;
    return [...tenant.devices.values()].map(({ device }) => device);
  }

  unwatch(tenantId: number, listener: DeviceListener): void {
    const tenant = this.#tenants.get(tenantId);
    if (!tenant?.listeners.delete(listener) || tenant.listeners.size > 0) return;
    this.#tenants.delete(tenantId);
    close(tenant);
  }

  async close(): Promise<void> {
    for (const tenant of this.#tenants.values()) close(tenant);
    this.#tenants.clear();
    await this.#rounds.close();
  }

  #open(tenantId: number): Tenant {
    const take = (event: BusEvent): void => {
      if (event.type === "device") this.#heard(tenant, event.device);
    };
    const unsubscribe = this.#options.bus.subscribe(busChannel.tenant(tenantId), take);
    const loaded = this.#read([tenantId]).catch((error: unknown) =>
      this.#options.log.warn("devices could not be read, trying again", { error }),
    );
    const tenant: Tenant = {
      devices: new Map(),
      listeners: new Set(),
      unsubscribe,
      loaded: loaded.then(() => void (tenant.known = true)),
      known: false,
    };
    this.#tenants.set(tenantId, tenant);
    return tenant;
  }

  #heard(tenant: Tenant, device: DeviceRow): void {
    this.#become(tenant, device).heardIn = this.#reads;
  }

  async #read(tenantIds: readonly number[]): Promise<void> {
    if (tenantIds.length === 0) return;
    this.#reads += 1;
    const round = this.#reads;
    const rows = await this.#options.readDevices(tenantIds);
    for (const device of rows) {
      const tenant = this.#tenants.get(device.tenantId);
      const known = tenant?.devices.get(device.id);
      if (tenant && (known?.heardIn ?? 0) < round) this.#become(tenant, device);
    }
    const present = new Set(rows.map(({ id }) => id));
    for (const tenantId of tenantIds) this.#forgetDeleted(this.#tenants.get(tenantId), present, round);
  }

  #become(tenant: Tenant, device: DeviceRow): Known {
    const known = tenant.devices.get(device.id);
    if (known && same(known.device, device)) return known;
    const tellAll = (row: DeviceRow) => tenant.listeners.forEach((listener) => listener(row));
    const now = known ?? { device, heardIn: 0, tell: new LatestOnly<DeviceRow>(stateIntervalMs, tellAll) };
    now.device = device;
    tenant.devices.set(device.id, now);
    // What is there at first is what `watch` answers.
    if (tenant.known) now.tell.offer(device);
    return now;
  }

  #forgetDeleted(tenant: Tenant | undefined, present: ReadonlySet<number>, round: number): void {
    for (const [id, known] of tenant?.devices ?? []) {
      if (present.has(id) || known.heardIn >= round) continue;
      tenant?.devices.delete(id);
      known.tell.offer({ ...known.device, state: "disconnected", reason: "deleted", phone: null, qr: null });
    }
  }
}

function close({ unsubscribe, devices }: Tenant): void {
  unsubscribe();
  for (const { tell } of devices.values()) tell.close();
}

function same(a: DeviceRow, b: DeviceRow): boolean {
  return a.state === b.state && a.reason === b.reason && a.phone === b.phone && a.qr === b.qr;
}
