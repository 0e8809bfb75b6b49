import type { Problem } from "@pregonero/contracts";
import { PregoneroError } from "./pregonero-error.ts";

/**
 * An API key or JWT, or what gets one: asked anew for each call and connection, so that it may be short-lived. Undefined
 * while there is none.
 */
export type TokenSource = string | (() => string | undefined | Promise<string | undefined>);

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export interface CallOptions {
  readonly signal?: AbortSignal;
}

export interface CreateOptions extends CallOptions {
  /** Repeat a creating call with the same key, and it creates nothing twice. */
  readonly idempotencyKey?: string;
}

export interface HttpOptions {
  readonly baseUrl: string;
  readonly token: TokenSource | undefined;
  readonly fetch: Fetch;
}

type Query = Readonly<Record<string, string | number | boolean | undefined>>;

interface Call extends CreateOptions {
  readonly query?: Query | undefined;
  /** A FormData goes as multipart, everything else as JSON. */
  readonly body?: unknown;
  /** The answer is taken as it is. */
  readonly text?: boolean;
  readonly blob?: boolean;
}

/** Calls of the REST API. Every failure is a PregoneroError; an aborted call rejects with the signal's reason. */
export class Http {
  readonly #options: HttpOptions;

  constructor(options: HttpOptions) {
    this.#options = options;
  }

  get<T>(path: string, query?: Query, options?: CallOptions): Promise<T> {
    return this.#call<T>("GET", path, { query, ...options });
  }

  /** An answer that is not JSON: a file. */
  getText(path: string, options?: CallOptions): Promise<string> {
    return this.#call<string>("GET", path, { ...options, text: true });
  }

  /** An answer that is bytes: media. */
  getBlob(path: string, options?: CallOptions): Promise<Blob> {
    return this.#call<Blob>("GET", path, { ...options, blob: true });
  }

  post<T>(path: string, body?: unknown, options?: CreateOptions): Promise<T> {
    return this.#call<T>("POST", path, { body, ...options });
  }

  put<T>(path: string, body: unknown, options?: CallOptions): Promise<T> {
    return this.#call<T>("PUT", path, { body, ...options });
  }

  patch<T>(path: string, body: unknown, options?: CallOptions): Promise<T> {
    return this.#call<T>("PATCH", path, { body, ...options });
  }

  delete(path: string, options?: CallOptions): Promise<void> {
    return this.#call<void>("DELETE", path, { ...options });
  }

  async #call<T>(method: string, path: string, call: Call): Promise<T> {
    const { signal } = call;
    const headers = new Headers({ accept: call.text || call.blob ? "*/*" : "application/json" });
    const token = await tokenFrom(this.#options.token);
    if (token !== undefined) headers.set("authorization", `Bearer ${token}`);
    if (call.idempotencyKey !== undefined) headers.set("idempotency-key", call.idempotencyKey);
    const body = bodyOf(call.body, headers);
    const init: RequestInit = {
      method,
      headers,
      ...(body === undefined ? {} : { body }),
      ...(signal ? { signal } : {}),
    };
    let response: Response;
    let text: string;
    try {
      response = await this.#options.fetch(`${this.#options.baseUrl}${path}${queryText(call.query)}`, init);
      if (response.ok && call.blob) return (await response.blob()) as T;
      text = await response.text();
    } catch (cause) {
      if (signal?.aborted) throw cause;
      throw new PregoneroError(0, null, "The server could not be reached.", { cause });
    }
    const json = parse(text);
    // The server answers what the contract says: the types come from the schemas that it validates with.
    if (response.ok) return (call.text ? text : json) as T;
    throw failure(response, json);
  }
}

export async function tokenFrom(source: TokenSource | undefined): Promise<string | undefined> {
  return typeof source === "function" ? await source() : source;
}

function bodyOf(body: unknown, headers: Headers): FormData | string | undefined {
  if (body === undefined || body instanceof FormData) return body;
  headers.set("content-type", "application/json");
  return JSON.stringify(body);
}

function queryText(query: Query | undefined): string {
  const given = Object.entries(query ?? {}).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)]],
  );
  return given.length === 0 ? "" : `?${new URLSearchParams(given).toString()}`;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function failure(response: Response, json: unknown): PregoneroError {
  const problem = isProblem(json) ? json : null;
  const message =
    problem?.detail ?? `The server answered ${response.status} ${response.statusText}`.trimEnd();
  return new PregoneroError(response.status, problem, message);
}

function isProblem(json: unknown): json is Problem {
  return typeof json === "object" && json !== null && "detail" in json && typeof json.detail === "string";
}
