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

/** A form with a file, as it was sent. */
export interface Form {
  readonly fields: Readonly<Record<string, string>>;
  readonly file: { readonly content: Buffer; readonly name: string; readonly type: string } | null;
}

// Ample for a file in base64, and small enough that nobody fills the memory by mistake.
const maxBodyBytes = 48 * 1024 * 1024;

function readBody(request: IncomingMessage, then: (body: Buffer) => void, tooLarge: () => void): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  request.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= maxBodyBytes) chunks.push(chunk);
  });
  request.on("end", () => {
    if (bytes > maxBodyBytes) tooLarge();
    else then(Buffer.concat(chunks));
  });
}

const tooLarge: Reply = { status: 413, body: { error: "too large" } };

async function readForm(body: Buffer, contentType: string): Promise<Form> {
  const form = await new Response(new Uint8Array(body), {
    headers: { "content-type": contentType },
  }).formData();
  const fields: Record<string, string> = {};
  let file: Form["file"] = null;
  for (const [name, value] of form) {
    if (typeof value === "string") fields[name] = value;
    else file = { content: Buffer.from(await value.arrayBuffer()), name: value.name, type: value.type };
  }
  return { fields, file };
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
    const taken = (body: Buffer): void =>
      this.#timers.after(this.#faults.latencyMs(), () =>
        this.#send(response, () => handle(body.toString("utf8"))),
      );
    readBody(request, taken, () => this.#answer(response, tooLarge));
  }

  /** An upload: a form with one file. The faults of sends do not befall it, for nothing is sent by it. */
  upload(request: IncomingMessage, response: ServerResponse, handle: (form: Form) => Reply): void {
    const type = request.headers["content-type"] ?? "";
    const taken = (body: Buffer): void => {
      readForm(body, type).then(
        (form) =>
          this.#answer(
            response,
            this.#try(() => handle(form)),
          ),
        () => this.#answer(response, { status: 400, body: { error: "not a form" } }),
      );
    };
    readBody(request, taken, () => this.#answer(response, tooLarge));
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
