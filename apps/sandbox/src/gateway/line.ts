import type { IncomingMessage, ServerResponse } from "node:http";
import type { Logger } from "@pregonero/runtime";
import type { Timers } from "../network/timers.ts";
import type { LineFault } from "./gateway-faults.ts";

/** An answer in JSON. */
export interface Reply {
  readonly status: number;
  readonly body: unknown;
}

interface LineFaults {
  readonly settings: { readonly before: boolean };
  latencyMs(): number;
  lineFault(): LineFault | null;
}

// Ample for 100 messages of the greatest length, and small enough that nobody fills the memory by mistake.
const maxBodyBytes = 2 * 1024 * 1024;

function readBody(request: IncomingMessage, then: (body: string) => void, tooLarge: () => void): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  request.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= maxBodyBytes) chunks.push(chunk);
  });
  request.on("end", () => {
    if (bytes > maxBodyBytes) tooLarge();
    else then(Buffer.concat(chunks).toString("utf8"));
  });
}

function write(response: ServerResponse, status: number, type: string, text: string): void {
  response.writeHead(status, { "content-type": type, "content-length": Buffer.byteLength(text) });
  response.end(text);
}

function writeHalf(response: ServerResponse, status: number, text: string): void {
  const bytes = Buffer.from(text);
  response.writeHead(status, { "content-type": "application/json", "content-length": bytes.length });
  response.write(bytes.subarray(0, bytes.length >> 1), () => response.destroy());
}

function breakUnder(fault: LineFault, response: ServerResponse, { status, body }: Reply): void {
  if (fault === "no_answer") return;
  if (fault === "cut") response.destroy();
  if (fault === "half_body") writeHalf(response, status, JSON.stringify(body));
  if (fault === "garbage") write(response, 200, "application/json", "<html><body>Welcome</body></html>");
  if (fault === "http_500")
    write(response, 500, "text/html", "<html><body>Internal Server Error</body></html>");
}

/**
 * What lies between a gateway and its callers: latency, and the ways in which it breaks. Plain `node:http`, because
 * thousands of sends a second pass here.
 */
export class Line {
  readonly #faults: LineFaults;
  readonly #timers: Timers;
  readonly #logger: Logger;

  constructor(faults: LineFaults, timers: Timers, logger: Logger) {
    this.#faults = faults;
    this.#timers = timers;
    this.#logger = logger;
  }

  /** A question, which the line lets through. */
  ask(request: IncomingMessage, response: ServerResponse, handle: () => Reply): void {
    request.resume();
    this.#timers.after(this.#faults.latencyMs(), () => this.#answer(response, this.#try(handle)));
  }

  /** A send: taken when the latency is over, even if the caller has gone by then. */
  send(request: IncomingMessage, response: ServerResponse, handle: (body: string) => Reply): void {
    const taken = (body: string): void =>
      this.#timers.after(this.#faults.latencyMs(), () => this.#send(response, () => handle(body)));
    readBody(request, taken, () => this.#answer(response, { status: 413, body: { error: "too large" } }));
  }

  #send(response: ServerResponse, handle: () => Reply): void {
    const fault = this.#faults.lineFault();
    if (fault === null) return this.#answer(response, this.#try(handle));
    // Nothing was taken, so there is no real answer to break in the middle.
    const reply = this.#faults.settings.before ? { status: 200, body: { ok: false } } : this.#try(handle);
    breakUnder(fault, response, reply);
  }

  #answer(response: ServerResponse, { status, body }: Reply): void {
    write(response, status, "application/json; charset=utf-8", JSON.stringify(body));
  }

  #try(handle: () => Reply): Reply {
    try {
      return handle();
    } catch (error) {
      this.#logger.error("a gateway request failed", { error });
      return { status: 500, body: { error: error instanceof Error ? error.message : String(error) } };
    }
  }
}
