import type { Readable } from "node:stream";
import { OutboundRefused, type OutboundGuard } from "@pregonero/outbound";
import { Agent, request } from "undici";

export interface WebhookAnswer {
  /** Null when there was no answer. */
  readonly status: number | null;
  readonly retryAfterMs: number | null;
  /** The first characters of the answer. */
  readonly excerpt: string | null;
  /** For people, when it is no success. */
  readonly error: string | null;
}

export interface WebhookPostOptions {
  readonly guard: Pick<OutboundGuard, "checkUrl" | "lookup">;
  /** For the whole of it: name, connection, answer. */
  readonly timeoutMs: number;
}

const excerptChars = 1_000;
/** Characters of up to four bytes; what comes after is not read. */
const excerptBytes = excerptChars * 4;

const words: Readonly<Record<string, string>> = {
  ENOTFOUND: "The host name does not exist.",
  EAI_AGAIN: "The host name could not be looked up.",
  ECONNREFUSED: "The connection was refused.",
  ECONNRESET: "The connection was cut.",
  UND_ERR_SOCKET: "The connection was cut.",
  EHOSTUNREACH: "The host cannot be reached.",
  ENETUNREACH: "The network cannot be reached.",
  DEPTH_ZERO_SELF_SIGNED_CERT: "The certificate is self-signed.",
  CERT_HAS_EXPIRED: "The certificate has expired.",
  ERR_TLS_CERT_ALTNAME_INVALID: "The certificate is for another name.",
};

/** Posts to addresses that users gave: never into a private network, never to where a redirect points. */
export class WebhookPost {
  readonly #options: WebhookPostOptions;
  readonly #agent: Agent;

  constructor(options: WebhookPostOptions) {
    this.#options = options;
    const { guard, timeoutMs } = options;
    this.#agent = new Agent({
      connect: { lookup: guard.lookup, timeout: timeoutMs },
      keepAliveTimeout: 10_000,
    });
  }

  /** Never rejects. */
  async send(url: string, headers: Readonly<Record<string, string>>, body: string): Promise<WebhookAnswer> {
    const signal = AbortSignal.timeout(this.#options.timeoutMs);
    try {
      this.#options.guard.checkUrl(url);
      const answer = await request(url, { method: "POST", headers, body, dispatcher: this.#agent, signal });
      return {
        status: answer.statusCode,
        retryAfterMs: retryAfter(answer.statusCode, answer.headers["retry-after"]),
        excerpt: await excerptOf(answer.body),
        error: complaint(answer.statusCode),
      };
    } catch (error) {
      return { status: null, retryAfterMs: null, excerpt: null, error: this.#wordsFor(error, signal) };
    }
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }

  #wordsFor(error: unknown, signal: AbortSignal): string {
    if (error instanceof OutboundRefused) return error.message;
    if (signal.aborted) return `There was no answer within ${this.#options.timeoutMs / 1_000} seconds.`;
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    return words[code] ?? `The connection failed${code === "" ? "" : ` (${code})`}.`;
  }
}

function complaint(status: number): string | null {
  if (status >= 200 && status < 300) return null;
  return status >= 300 && status < 400
    ? `It answered ${status}: redirects are not followed.`
    : `It answered ${status}.`;
}

/** Seconds or a date. Only where it means "not now". */
function retryAfter(status: number, header: string | string[] | undefined): number | null {
  if ((status !== 429 && status !== 503) || typeof header !== "string") return null;
  const ms = /^\d+$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - Date.now();
  return Number.isFinite(ms) && ms > 0 ? ms : null;
}

/** What has been answered counts even if the rest of it never comes. */
async function excerptOf(body: Readable): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of body) {
      if (!(chunk instanceof Uint8Array)) break;
      chunks.push(chunk);
      bytes += chunk.byteLength;
      if (bytes >= excerptBytes) break;
    }
  } catch {
    // Cut short, or too slow: the status is what matters.
  }
  body.destroy();
  // Postgres holds no NUL, and the cut may go through a pair of surrogates.
  return Buffer.concat(chunks)
    .toString("utf8")
    .slice(0, excerptChars)
    .replaceAll(/[\0\p{Surrogate}]/gu, "");
}
