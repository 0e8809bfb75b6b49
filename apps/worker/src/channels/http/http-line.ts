import type { LookupFunction } from "node:net";
import { Pool } from "undici";
import { exchange, type Exchange, type HttpRequest } from "./exchange.ts";

export interface HttpLineOptions {
  /** `https://host[:port][/path]`, before every path of a request. */
  readonly baseUrl: string;
  /** The most connections at once; each carries one request at a time. */
  readonly connections: number;
  readonly connectMs: number;
  /** How long a close waits for requests under way, ms. */
  readonly closeMs: number;
  /** Resolves names in place of the system's resolver. */
  readonly lookup?: LookupFunction | undefined;
}

/** An idle connection is closed after so long, or earlier by the server's own word: before a server would cut it. */
const idleMs = 4_000;

/** A provider's address with the connections to it, kept alive between requests. */
export class HttpLine {
  readonly #pool: Pool;
  readonly #prefix: string;
  readonly #closeMs: number;

  constructor({ baseUrl, connections, connectMs, closeMs, lookup }: HttpLineOptions) {
    const { origin, pathname } = new URL(baseUrl);
    this.#prefix = pathname.replace(/\/+$/, "");
    this.#closeMs = closeMs;
    this.#pool = new Pool(origin, {
      connections,
      // One at a time on each: a request must not wait behind one that hangs.
      pipelining: 1,
      connect: { timeout: connectMs, ...(lookup === undefined ? {} : { lookup }) },
      keepAliveTimeout: idleMs,
      // The exchange has one limit for the whole answer.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
  }

  /** Never rejects. */
  request(request: HttpRequest, signal?: AbortSignal): Promise<Exchange> {
    return exchange(this.#pool, { ...request, path: this.#prefix + request.path }, signal);
  }

  /** Waits for requests under way, up to a limit, and cuts those that are left. */
  async close(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const closed = this.#pool.close();
    const tooLong = new Promise<"too_long">((resolve) => {
      timer = setTimeout(() => resolve("too_long"), this.#closeMs);
    });
    const how = await Promise.race([closed, tooLong]);
    clearTimeout(timer);
    if (how === "too_long") await this.#pool.destroy(new Error("the channel was closed"));
  }
}
