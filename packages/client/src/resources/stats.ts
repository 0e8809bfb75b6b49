import type { CampaignStats, DayStats, DeviceStats, TenantStats } from "@pregonero/contracts";
import type { CallOptions, Http } from "../http/http.ts";

/** Days as `YYYY-MM-DD` in the tenant's time zone, both included; the last 30 when left out. */
export interface StatsQuery {
  readonly from?: string;
  readonly to?: string;
  readonly device_id?: number;
}

/** Figures of messages: sent, delivered, read, failed, received, answered. */
export class Statistics {
  readonly #http: Http;

  constructor(http: Http) {
    this.#http = http;
  }

  today(options?: CallOptions): Promise<TenantStats> {
    return this.#http.get("/api/v1/stats/today", {}, options);
  }

  /** Oldest first, also days without any message. */
  async days(query: StatsQuery = {}, options?: CallOptions): Promise<DayStats[]> {
    return (await this.#http.get<{ items: DayStats[] }>("/api/v1/stats/days", { ...query }, options)).items;
  }

  async devices(query: StatsQuery = {}, options?: CallOptions): Promise<DeviceStats[]> {
    return (await this.#http.get<{ items: DeviceStats[] }>("/api/v1/stats/devices", { ...query }, options))
      .items;
  }

  async campaigns(query: StatsQuery = {}, options?: CallOptions): Promise<CampaignStats[]> {
    const path = "/api/v1/stats/campaigns";
    return (await this.#http.get<{ items: CampaignStats[] }>(path, { ...query }, options)).items;
  }
}
