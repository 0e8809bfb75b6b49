import { z } from "zod";

const scanned = z.object({ phone: z.string() });

const ledgerSchema = z.object({
  total: z.int(),
  entries: z.array(z.object({ to: z.string(), from_account: z.string(), text: z.string() })),
});

/** A message as the recipient's phone has it. */
export type Arrival = z.infer<typeof ledgerSchema>["entries"][number];

const mostArrivals = 100_000;

/** The control side of the stand-in for WhatsApp: what a person would do with the phone in hand. */
export class SandboxControl {
  readonly url: string;

  constructor(url: string) {
    this.url = url;
  }

  /** Scans a QR with the phone of `phone`. @returns false when the QR has rotated away: the next one comes by itself */
  async scan(code: string, phone: string): Promise<boolean> {
    const response = await this.#call("POST", "/control/scan", { code, phone });
    if (response.status === 404 || response.status === 410) return false;
    scanned.parse(await read(response));
    return true;
  }

  /** Makes each message take so long on its way, ms. */
  async delay(min: number, max: number): Promise<void> {
    await this.faults({ latency_ms: { min, max } });
  }

  /** Changes what the network does to messages; see the sandbox's README for the knobs. */
  async faults(changes: object): Promise<void> {
    await read(await this.#call("PUT", "/control/faults", changes));
  }

  /** Writes to a linked number from some phone. */
  async inbound(to: string, from: string, text: string): Promise<void> {
    await read(await this.#call("POST", "/control/inbound", { to, from, text }));
  }

  /** Forgets everything that arrived so far. */
  async forget(): Promise<void> {
    await read(await this.#call("DELETE", "/control/ledger"));
  }

  /** Everything that arrived at anybody's phone, in order. */
  async arrivals(): Promise<readonly Arrival[]> {
    const response = await this.#call("GET", `/control/ledger?limit=${mostArrivals}`);
    const { total, entries } = ledgerSchema.parse(await read(response));
    if (total > entries.length)
      throw new Error(`The sandbox's ledger has ${total} entries: too many to compare.`);
    return entries;
  }

  #call(method: string, path: string, body?: object): Promise<Response> {
    return fetch(`${this.url}${path}`, {
      method,
      headers: { "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }
}

async function read(response: Response): Promise<unknown> {
  const text = await response.text();
  if (!response.ok) throw new Error(`The sandbox answered ${response.status}: ${text}`);
  return text === "" ? null : JSON.parse(text);
}
