import type {
  WebhookDelivery,
  WebhookDeliveryDetail,
  WebhookDeliveryStatus,
  WebhookEndpoint,
  WebhookEndpointPatch,
  WebhookEndpointWithSecret,
  WebhookEventDescription,
  WebhookEventType,
  WebhookReplay,
  WebhookSubscription,
} from "@pregonero/contracts";
import type { CallOptions, Http } from "../http/http.ts";
import type { Page, PageQuery } from "../http/page.ts";

export interface WebhookEndpointNew {
  readonly url: string;
  readonly event_types: readonly WebhookSubscription[];
  readonly description?: string;
  readonly enabled?: boolean;
}

export interface WebhookDeliveriesQuery extends PageQuery {
  readonly endpoint_id?: string;
  readonly event_type?: WebhookEventType;
  readonly status?: WebhookDeliveryStatus;
  /** ISO 8601, of the event. */
  readonly since?: string;
  readonly until?: string;
}

const path = "/api/v1/webhook-endpoints";
const endpointPath = (id: string, action = "") => `${path}/${encodeURIComponent(id)}${action}`;

/** Addresses that are told what happens, and the log of what they were told. */
export class Webhooks {
  readonly #http: Http;

  constructor(http: Http) {
    this.#http = http;
  }

  /** What there is to be told: the types that the server knows. */
  async eventTypes(options?: CallOptions): Promise<WebhookEventDescription[]> {
    const types = "/api/v1/webhook-event-types";
    return (await this.#http.get<{ items: WebhookEventDescription[] }>(types, {}, options)).items;
  }

  async list(options?: CallOptions): Promise<WebhookEndpoint[]> {
    return (await this.#http.get<{ items: WebhookEndpoint[] }>(path, {}, options)).items;
  }

  get(id: string, options?: CallOptions): Promise<WebhookEndpoint> {
    return this.#http.get(endpointPath(id), {}, options);
  }

  /** The secret is in this answer and nowhere else. For admins, like all that changes endpoints. */
  create(endpoint: WebhookEndpointNew, options?: CallOptions): Promise<WebhookEndpointWithSecret> {
    return this.#http.post(path, endpoint, options);
  }

  update(id: string, patch: WebhookEndpointPatch, options?: CallOptions): Promise<WebhookEndpoint> {
    return this.#http.patch(endpointPath(id), patch, options);
  }

  delete(id: string, options?: CallOptions): Promise<void> {
    return this.#http.delete(endpointPath(id), options);
  }

  /** A new secret; for so many hours (24 by default) deliveries are signed with the former one too. */
  rotateSecret(
    id: string,
    overlap: { readonly overlap_hours?: number } = {},
    options?: CallOptions,
  ): Promise<WebhookEndpointWithSecret> {
    return this.#http.post(endpointPath(id, "/rotate-secret"), overlap, options);
  }

  /** Sends a test event; look at the delivery again to see what became of it. */
  ping(id: string, options?: CallOptions): Promise<WebhookDeliveryDetail> {
    return this.#http.post(endpointPath(id, "/ping"), undefined, options);
  }

  /** Newest first. */
  deliveries(query: WebhookDeliveriesQuery = {}, options?: CallOptions): Promise<Page<WebhookDelivery>> {
    return this.#http.get("/api/v1/webhook-deliveries", { ...query }, options);
  }

  delivery(id: number, options?: CallOptions): Promise<WebhookDeliveryDetail> {
    return this.#http.get(`/api/v1/webhook-deliveries/${id}`, {}, options);
  }

  /** Delivers once more, with the same event id. */
  replay(deliveryId: number, options?: CallOptions): Promise<WebhookDeliveryDetail> {
    return this.#http.post(`/api/v1/webhook-deliveries/${deliveryId}/replay`, undefined, options);
  }

  /** Delivers once more what had failed for good. @returns how many */
  async replayFailed(id: string, replay: WebhookReplay, options?: CallOptions): Promise<number> {
    const answer = await this.#http.post<{ replayed: number }>(endpointPath(id, "/replay"), replay, options);
    return answer.replayed;
  }
}
