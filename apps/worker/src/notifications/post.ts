import { createHmac, type KeyObject } from "node:crypto";
import { notificationSecret } from "@pregonero/db";
import { OutboundRefused, type OutboundGuard } from "@pregonero/outbound";
import { Agent, request } from "undici";
import type { MailEnd } from "./smtp.ts";

export interface PostOptions {
  readonly guard: Pick<OutboundGuard, "checkUrl" | "lookup">;
  /** Signs what is sent; null: it goes out unsigned. */
  readonly key: KeyObject | null;
  readonly timeoutMs: number;
}

/** Posts JSON to addresses that users gave: never into a private network, never to where a redirect points. */
export class NotificationPost {
  readonly #options: PostOptions;
  readonly #agent: Agent;

  constructor(options: PostOptions) {
    this.#options = options;
    this.#agent = new Agent({ connect: { lookup: options.guard.lookup, timeout: options.timeoutMs } });
  }

  /** Never rejects. */
  async send(url: string, tenantId: number, body: string): Promise<MailEnd> {
    const { guard, timeoutMs } = this.#options;
    try {
      guard.checkUrl(url);
      const { statusCode, body: answer } = await request(url, {
        method: "POST",
        headers: { "content-type": "application/json", ...this.#signature(tenantId, body) },
        body,
        dispatcher: this.#agent,
        signal: AbortSignal.timeout(timeoutMs),
      });
      answer.on("error", () => undefined).destroy();
      if (statusCode >= 200 && statusCode < 300) return { ok: true };
      return { ok: false, permanent: statusCode === 410, error: `It answered ${statusCode}.` };
    } catch (error) {
      const refused = error instanceof OutboundRefused;
      return { ok: false, permanent: refused, error: wordsFor(error) };
    }
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }

  #signature(tenantId: number, body: string): Record<string, string> {
    const { key } = this.#options;
    if (key === null) return {};
    const at = Math.floor(Date.now() / 1_000);
    const v1 = createHmac("sha256", notificationSecret(key, tenantId)).update(`${at}.${body}`).digest("hex");
    return { "x-pregonero-signature": `t=${at},v1=${v1}` };
  }
}

function wordsFor(error: unknown): string {
  if (error instanceof OutboundRefused) return error.message;
  if (error instanceof Error && error.name === "TimeoutError") return "There was no answer in time.";
  const code = error instanceof Error && "code" in error ? ` (${String(error.code)})` : "";
  return `The connection failed${code}.`;
}
