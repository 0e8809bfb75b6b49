import { busChannel, type BusEvent, type TenantStats } from "@pregonero/contracts";
import type { EventSource } from "../event-source.ts";

/** Today's figures of a tenant; undefined when there are none. */
export type ReadStats = (tenantId: number) => Promise<TenantStats | undefined>;
export type StatsListener = (stats: TenantStats) => void;

interface Tenant {
  readonly listeners: Set<StatsListener>;
  readonly unsubscribe: () => void;
}

/** The figures of tenants whom sockets of this process belong to. They come at most once a second. */
export class StatsStates {
  readonly #bus: Pick<EventSource, "subscribe">;
  readonly #readStats: ReadStats;
  readonly #tenants = new Map<number, Tenant>();

  constructor(bus: Pick<EventSource, "subscribe">, readStats: ReadStats) {
    this.#bus = bus;
    this.#readStats = readStats;
  }

  /** @returns the present figures; changes go to `listener` until `unwatch`. Rejects when they cannot be read. */
  async watch(tenantId: number, listener: StatsListener): Promise<TenantStats | undefined> {
    const tenant = this.#tenants.get(tenantId) ?? this.#open(tenantId);
    tenant.listeners.add(listener);
    return await this.#readStats(tenantId);
  }

  unwatch(tenantId: number, listener: StatsListener): void {
    const tenant = this.#tenants.get(tenantId);
    if (!tenant?.listeners.delete(listener) || tenant.listeners.size > 0) return;
    this.#tenants.delete(tenantId);
    tenant.unsubscribe();
  }

  #open(tenantId: number): Tenant {
    const listeners = new Set<StatsListener>();
    const take = (event: BusEvent): void => {
      if (event.type !== "crm" || event.event.type !== "stats_updated") return;
      for (const listener of listeners) listener(event.event.data.stats);
    };
    const unsubscribe = this.#bus.subscribe(busChannel.crm(tenantId), take);
    const tenant = { listeners, unsubscribe };
    this.#tenants.set(tenantId, tenant);
    return tenant;
  }
}
