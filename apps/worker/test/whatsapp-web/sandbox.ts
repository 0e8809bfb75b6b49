import { startProcess } from "@pregonero/local-stack";
import { z } from "zod";

const ledgerSchema = z.object({
  total: z.number(),
  entries: z.array(
    z.object({
      seq: z.number(),
      to: z.string(),
      message_id: z.string(),
      text: z.string(),
      at: z.union([z.number(), z.string()]),
      copies: z.number(),
    }),
  ),
});

/** The stand-in for WhatsApp, as a process of its own, and its control API. */
export class Sandbox implements AsyncDisposable {
  readonly url: string;
  readonly #close: () => Promise<unknown>;

  private constructor(url: string, close: () => Promise<unknown>) {
    this.url = url;
    this.#close = close;
  }

  static async start(env: Record<string, string> = {}): Promise<Sandbox> {
    const ready = /sandbox ready on (http:\S+)/;
    const app = await startProcess({
      name: "sandbox",
      entry: "apps/sandbox",
      env: { SANDBOX_PORT: "0", ...env },
      ready: { line: ready },
    });
    const url = ready.exec(app.output())?.[1];
    if (url === undefined) throw new Error(`no address in: ${app.output()}`);
    return new Sandbox(url, () => app.close());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close();
  }

  async control(method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await fetch(`${this.url}/control${path}`, {
      method,
      headers: { "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text === "" ? null : JSON.parse(text);
  }

  scan(code: string, phone: string): Promise<unknown> {
    return this.control("POST", "/scan", { code, phone });
  }

  faults(faults: Record<string, unknown>): Promise<unknown> {
    return this.control("PUT", "/faults", faults);
  }

  /** What has arrived at a recipient's phone. */
  async arrivals(phone: string): Promise<z.output<typeof ledgerSchema>["entries"]> {
    return ledgerSchema.parse(await this.control("GET", `/ledger?phone=${phone}`)).entries;
  }

  /** When each message in the ledger arrived, ms since 1970. */
  async arrivalTimes(): Promise<number[]> {
    const times: number[] = [];
    for (let after = 0; ;) {
      const page = ledgerSchema.parse(await this.control("GET", `/ledger?limit=1000&after=${after}`));
      const last = page.entries.at(-1);
      if (last === undefined) return times;
      times.push(...page.entries.map(({ at }) => new Date(at).getTime()));
      after = last.seq;
    }
  }
}
