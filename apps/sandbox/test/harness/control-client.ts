import { z } from "zod";

export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: unknown;
}

const ledgerEntry = z.object({
  seq: z.number(),
  to: z.string(),
  from_account: z.string(),
  message_id: z.string(),
  text: z.string(),
  at: z.string(),
  copies: z.number(),
});

const schemas = {
  ledger: z.object({ total: z.number(), entries: z.array(ledgerEntry) }),
  summary: z.object({
    recipients: z.number(),
    arrivals: z.number(),
    doubled: z.array(z.object({ to: z.string(), text_hash: z.string(), arrivals: z.number() })),
    by_account: z.record(z.string(), z.number()),
  }),
  sessions: z.array(
    z.object({ phone: z.string(), linked_at: z.string(), online: z.boolean(), session_id: z.string() }),
  ),
  id: z.object({ id: z.string() }),
};

/** The control API as a person with a phone in hand uses it. */
export class ControlClient {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  async request(method: string, path: string, body?: unknown): Promise<Answer> {
    const init = body === undefined ? {} : { body: JSON.stringify(body) };
    const response = await fetch(`${this.#url}/control${path}`, {
      method,
      headers: { "content-type": "application/json" },
      ...init,
    });
    const text = await response.text();
    const type = response.headers.get("content-type")?.split(";")[0] ?? "";
    return {
      status: response.status,
      type,
      body: text === "" || text === "No Content" ? null : JSON.parse(text),
    };
  }

  /** The body. @throws Error when the answer is not 2xx. */
  async ok(method: string, path: string, body?: unknown): Promise<unknown> {
    const answer = await this.request(method, path, body);
    if (answer.status >= 300)
      throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  async scan(code: string, phone: string): Promise<void> {
    await this.ok("POST", "/scan", { code, phone });
  }

  async faults(patch: Readonly<Record<string, unknown>>): Promise<void> {
    await this.ok("PUT", "/faults", patch);
  }

  async ledger(query: Readonly<Record<string, string>> = {}) {
    return schemas.ledger.parse(await this.ok("GET", `/ledger?${new URLSearchParams(query).toString()}`));
  }

  async summary() {
    return schemas.summary.parse(await this.ok("GET", "/ledger/summary"));
  }

  async sessions() {
    return schemas.sessions.parse(await this.ok("GET", "/sessions"));
  }

  async inbound(message: Readonly<Record<string, unknown>>): Promise<string> {
    return schemas.id.parse(await this.ok("POST", "/inbound", message)).id;
  }
}
