import type {
  ApiKey,
  ApiKeyCreate,
  ApiKeyCreated,
  AuditEntry,
  BrowserContext,
  BrowserContextStatus,
  ContextCommandAnswer,
  Queues,
  QueuesCleaned,
  Suppression,
  SuppressionCreate,
  SuppressionImport,
  SuppressionImported,
  TenantSettings,
  TenantSettingsPatch,
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

  /** Many at once; numbers that are not valid are told and do not stop the others. */
  import(suppressions: SuppressionImport, options?: CallOptions): Promise<SuppressionImported> {
    return this.#http.post("/api/v1/suppressions/import", suppressions, options);
  }

  /** The whole list as the text of a CSV file. */
  export(options?: CallOptions): Promise<string> {
    return this.#http.getText("/api/v1/suppressions/export", options);
  }

  remove(phone: string, options?: CallOptions): Promise<void> {
    return this.#http.delete(`/api/v1/suppressions/${encodeURIComponent(phone)}`, options);
  }
}

export interface BrowserContextsQuery {
  readonly status?: BrowserContextStatus;
  readonly device_id?: number;
}

const contextsPath = "/api/v1/browser-contexts";
const contextPath = (deviceId: number, action = "") => `${contextsPath}/${deviceId}${action}`;

/** Chromium profiles in which sessions are live; each is addressed by its device. */
export class BrowserContexts {
  readonly #http: Http;

  constructor(http: Http) {
    this.#http = http;
  }

  async list(query: BrowserContextsQuery = {}, options?: CallOptions): Promise<BrowserContext[]> {
    return (await this.#http.get<{ items: BrowserContext[] }>(contextsPath, { ...query }, options)).items;
  }

  get(deviceId: number, options?: CallOptions): Promise<BrowserContext> {
    return this.#http.get(contextPath(deviceId), {}, options);
  }

  /** Null when it takes longer: it will be opened as soon as a worker has room. */
  async create(deviceId: number, options?: CreateOptions): Promise<BrowserContext | null> {
    const body = { device_id: deviceId };
    const answer = await this.#http.post<BrowserContext | ContextCommandAnswer>(contextsPath, body, options);
    return "context" in answer ? answer.context : answer;
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

  async list(options?: CallOptions): Promise<ApiKey[]> {
    return (await this.#http.get<{ items: ApiKey[] }>("/api/v1/api-keys", {}, options)).items;
  }

  /** The key itself is in this answer and nowhere else. */
  create(key: ApiKeyCreate, options?: CreateOptions): Promise<ApiKeyCreated> {
    return this.#http.post("/api/v1/api-keys", key, options);
  }

  /** Ends a key at once. */
  revoke(id: string, options?: CallOptions): Promise<void> {
    return this.#http.delete(`/api/v1/api-keys/${encodeURIComponent(id)}`, options);
  }
}

export interface AuditQuery extends PageQuery {
  readonly actor?: string;
  readonly action?: string;
  readonly subject?: string;
  readonly from?: string;
  readonly to?: string;
}

/** Who changed what. For admins. */
export class Audit {
  readonly #http: Http;

  constructor(http: Http) {
    this.#http = http;
  }

  list(query: AuditQuery = {}, options?: CallOptions): Promise<Page<AuditEntry>> {
    return this.#http.get("/api/v1/audit", { ...query }, options);
  }
}

/** What holds for all jobs of the tenant. */
export class Settings {
  readonly #http: Http;

  constructor(http: Http) {
    this.#http = http;
  }

  get(options?: CallOptions): Promise<TenantSettings> {
    return this.#http.get("/api/v1/settings", {}, options);
  }

  /** For admins. */
  patch(patch: TenantSettingsPatch, options?: CallOptions): Promise<TenantSettings> {
    return this.#http.patch("/api/v1/settings", patch, options);
  }
}
