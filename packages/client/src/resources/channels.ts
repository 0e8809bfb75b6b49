import type { ChannelReading, RealtimeConnections } from "@pregonero/contracts";
import type { CallOptions, Http } from "../http/http.ts";

/** Real-time channels, read once; `PregoneroClient.live` listens to them. */
export class Channels {
  readonly #http: Http;

  constructor(http: Http) {
    this.#http = http;
  }

  /** @param after of stream channels: the position of the answer before */
  read(channel: string, after?: string, options?: CallOptions): Promise<ChannelReading> {
    const query = after === undefined ? {} : { after };
    return this.#http.get(`/api/v1/channels/${encodeURIComponent(channel)}`, query, options);
  }

  /** The open WebSockets of the tenant with the instance that answers. */
  connections(options?: CallOptions): Promise<RealtimeConnections> {
    return this.#http.get("/api/v1/realtime/connections", {}, options);
  }
}
