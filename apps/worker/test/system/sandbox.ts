import { freePort, startProcess, type AppProcess } from "@pregonero/local-stack";

export interface LedgerSummary {
  readonly recipients: number;
  readonly arrivals: number;
  readonly doubled: readonly { readonly to: string; readonly arrivals: number }[];
  readonly by_account: Readonly<Record<string, number>>;
}

/** The stand-in for WhatsApp as a process, and its control API. */
export class Sandbox implements AsyncDisposable {
  readonly url: string;
  readonly #process: AppProcess;

  private constructor(url: string, process: AppProcess) {
    this.url = url;
    this.#process = process;
  }

  static async start(): Promise<Sandbox> {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const process = await startProcess({
      name: "sandbox",
      entry: "apps/sandbox",
      env: { SANDBOX_PORT: String(port) },
      ready: { url: `${url}/healthz` },
    });
    return new Sandbox(url, process);
  }

  /** Tells whether the phone could scan it; a QR that has rotated away is no error, the next one comes. */
  async scan(code: string, phone: string): Promise<boolean> {
    const response = await this.#call("POST", "/control/scan", { code, phone });
    return response.ok;
  }

  async faults(faults: object): Promise<void> {
    await this.put("/control/faults", faults);
  }

  async put(path: string, body: object): Promise<void> {
    const response = await this.#call("PUT", path, body);
    if (!response.ok) throw new Error(`${path} refused: ${await response.text()}`);
  }

  /** @returns the answer's JSON */
  async control<T>(method: "GET" | "POST", path: string, body?: object): Promise<T> {
    const response = await this.#call(method, `/control${path}`, body);
    if (!response.ok) throw new Error(`${path} refused: ${await response.text()}`);
    return (await response.json()) as T;
  }

  /** A file that somebody is going to send. */
  async file(content: Buffer, type: string, filename: string): Promise<{ id: string }> {
    const url = `${this.url}/files?filename=${encodeURIComponent(filename)}`;
    const headers = { "content-type": type };
    const response = await fetch(url, { method: "POST", headers, body: new Uint8Array(content) });
    return (await response.json()) as { id: string };
  }

  async ban(phone: string): Promise<void> {
    const response = await this.#call("POST", `/control/accounts/${phone}/ban`, { kind: "temporary" });
    if (!response.ok) throw new Error(`ban refused: ${await response.text()}`);
  }

  async ledger(): Promise<LedgerSummary> {
    const response = await this.#call("GET", "/control/ledger/summary");
    return (await response.json()) as LedgerSummary;
  }

  /** Every arrival's recipient, in order. */
  async recipients(): Promise<string[]> {
    const recipients: string[] = [];
    let after = 0;
    for (;;) {
      const response = await this.#call("GET", `/control/ledger?limit=1000&after=${after}`);
      const { entries } = (await response.json()) as { entries: { seq: number; to: string }[] };
      if (entries.length === 0) return recipients;
      for (const entry of entries) recipients.push(entry.to);
      after = entries.at(-1)?.seq ?? after;
    }
  }

  #call(method: string, path: string, body?: object): Promise<Response> {
    return fetch(`${this.url}${path}`, {
      method,
      headers: { "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process.close();
  }
}
