import type {
  ApiKey,
  ApiKeyCreate,
  ApiKeyCreated,
  BrowserContext,
  BrowserContextStatus,
  ContextCommandAnswer,
  Queues,
  QueuesCleaned,
  Suppression,
  SuppressionCreate,
} from "@pregonero/contracts";
import type { CallOptions, CreateOptions, Http } from "../http/http.ts";
import type { Page, PageQuery } from "../http/page.ts";

/** Numbers that must not be written to. */
export class Suppressions {
  readonly #http: Http;

  constructor(http: Http) {
    this.#http = http;
  }

  list(query: PageQuery = {}, options?: CallOptions): Promise<Page<Suppression>> {
    return this.#http.get("/api/v1/suppressions", { ...query }, options);
  }

  add(suppression: SuppressionCreate, options?: CreateOptions): Promise<Suppression> {
    return this.#http.post("/api/v1/suppressions", suppression, options);
  }

  remove(phone: string, options?: CallOptions): Promise<void> {
    return this.#http.delete(`/api/v1/suppressions/${encodeURIComponent(phone)}`, options);
  }
}

export interface BrowserContextsQuery extends PageQuery {
  readonly status?: BrowserContextStatus;
  readonly device_id?: number;
}

const contextPath = (deviceId: number, action = "") => `/api/v1/browser-contexts/${deviceId}${action}`;

/** Chromium profiles in which sessions are live; each is addressed by its device. */
export class BrowserContexts {
  readonly #http: Http;

  constructor(http: Http) {
    this.#http = http;
  }

  list(query: BrowserContextsQuery = {}, options?: CallOptions): Promise<Page<BrowserContext>> {
    return this.#http.get("/api/v1/browser-contexts", { ...query }, options);
  }

  get(deviceId: number, options?: CallOptions): Promise<BrowserContext> {
    return this.#http.get(contextPath(deviceId), {}, options);
  }

  create(deviceId: number, options?: CreateOptions): Promise<ContextCommandAnswer> {
    return this.#http.post("/api/v1/browser-contexts", { device_id: deviceId }, options);
  }

  /** For admins. */
  setStatus(
    deviceId: number,
    status: BrowserContextStatus,
    options?: CallOptions,
  ): Promise<ContextCommandAnswer> {
    return this.#http.patch(contextPath(deviceId), { status }, options);
  }

  restart(deviceId: number, options?: CallOptions): Promise<ContextCommandAnswer> {
    return this.#http.post(contextPath(deviceId, "/restart"), undefined, options);
  }

  close(deviceId: number, options?: CallOptions): Promise<ContextCommandAnswer> {
    return this.#http.post(contextPath(deviceId, "/close"), undefined, options);
  }
}

/** What waits where. */
export class QueueStatistics {
  readonly #http: Http;

  constructor(http: Http) {
    this.#http = http;
  }

  get(options?: CallOptions): Promise<Queues> {
    return this.#http.get("/api/v1/queues", {}, options);
  }

  /** Forgets finished queue jobs older than so many ms. For admins. */
  clean(olderThanMs: number, options?: CallOptions): Promise<QueuesCleaned> {
    return this.#http.post("/api/v1/queues/clean", { older_than_ms: olderThanMs }, options);
  }
}

/** For admins. */
export class ApiKeys {
  readonly #http: Http;

  constructor(http: Http) {
    this.#http = http;
  }

  list(query: PageQuery = {}, options?: CallOptions): Promise<Page<ApiKey>> {
    return this.#http.get("/api/v1/api-keys", { ...query }, options);
  }

  /** The key itself is in this answer and nowhere else. */
  create(key: ApiKeyCreate, options?: CreateOptions): Promise<ApiKeyCreated> {
    return this.#http.post("/api/v1/api-keys", key, options);
  }

  revoke(id: string, options?: CallOptions): Promise<void> {
    return this.#http.delete(`/api/v1/api-keys/${encodeURIComponent(id)}`, options);
  }
}
