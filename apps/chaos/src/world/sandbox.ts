import { freePort, startProcess, type AppProcess } from "@pregonero/local-stack";
import { z } from "zod";
import { host, mode } from "./place.ts";

const pageSchema = z.object({
  entries: z.array(z.object({ seq: z.int(), to: z.string(), from_account: z.string(), text: z.string() })),
});

/** A message as a recipient's phone has it. */
export interface Arrival {
  readonly seq: number;
  readonly to: string;
  readonly fromAccount: string;
  readonly text: string;
}

const pageSize = 10_000;

/** The outside world: a process of its own that no fault touches, and its books of what arrived. */
export class Sandbox {
  readonly port: number;
  readonly #process: AppProcess;
  readonly #arrivals: Arrival[] = [];

  private constructor(port: number, process: AppProcess) {
    this.port = port;
    this.#process = process;
  }

  static async start(): Promise<Sandbox> {
    const port = await freePort();
    const process = await startProcess({
      name: "sandbox",
      entry: "apps/sandbox",
      mode,
      env: { SANDBOX_HOST: host, SANDBOX_PORT: String(port), SANDBOX_DATA_FILE: undefined },
      ready: { url: `http://${host}:${port}/healthz` },
    });
    return new Sandbox(port, process);
  }

  /** All that arrived since the start, in order. */
  async arrivals(): Promise<readonly Arrival[]> {
    for (;;) {
      const after = this.#arrivals.at(-1)?.seq ?? 0;
      const response = await this.#call("GET", `/control/ledger?limit=${pageSize}&after=${after}`);
      const { entries } = pageSchema.parse(await response.json());
      for (const { seq, to, from_account: fromAccount, text } of entries)
        this.#arrivals.push({ seq, to, fromAccount, text });
      if (entries.length < pageSize) return this.#arrivals;
    }
  }

  /** Tells whether the phone could scan it: a QR that has rotated away is followed by the next one. */
  async scan(code: string, phone: string): Promise<boolean> {
    const response = await this.#call("POST", "/control/scan", { code, phone }, [404, 410]);
    return response.ok;
  }

  /** On top of the faults that are set. */
  async faults(patch: object): Promise<void> {
    await this.#call("PUT", "/control/faults", patch);
  }

  /** Back to how the world is between faults: it answers as fast as people's phones would, and says the truth. */
  async calm(): Promise<void> {
    await this.#call("DELETE", "/control/faults");
    await this.faults({
      latency_ms: { min: 20, max: 60 },
      cloud: { latency_ms: { min: 100, max: 200 } },
      wablas: { latency_ms: { min: 150, max: 300 } },
    });
  }

  async put(path: string, body: object): Promise<void> {
    await this.#call("PUT", path, body);
  }

  /** Keeps the page's thread busy. */
  async hangPage(phone: string, ms: number): Promise<void> {
    await this.#call("POST", `/control/pages/${phone}/hang`, { ms }, [404]);
  }

  async close(): Promise<void> {
    await this.#process.close();
  }

  async #call(
    method: string,
    path: string,
    body?: object,
    allowed: readonly number[] = [],
  ): Promise<Response> {
    const response = await fetch(`http://${host}:${this.port}${path}`, {
      method,
      headers: { "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok && !allowed.includes(response.status))
      throw new Error(`the sandbox refused ${method} ${path}: ${await response.text()}`);
    return response;
  }
}
