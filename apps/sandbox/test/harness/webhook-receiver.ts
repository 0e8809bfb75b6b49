import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface Heard {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Exactly as it came. */
  readonly raw: string;
  readonly answered: number;
}

/** What a receiver answers to the nth request, from 1. */
export type Answering = (n: number, url: URL) => { readonly status: number; readonly body?: string };

/** A webhook's other end: a real HTTP server that writes down what it hears. */
export class WebhookReceiver implements AsyncDisposable {
  readonly heard: Heard[] = [];
  readonly url: string;
  readonly #close: () => Promise<void>;
  readonly #waiting = new Set<() => void>();

  private constructor(url: string, close: () => Promise<void>) {
    this.url = url;
    this.#close = close;
  }

  static async open(answering: Answering = () => ({ status: 200 })): Promise<WebhookReceiver> {
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const { method = "", url = "", headers } = request;
        const { status, body = "" } = answering(receiver.heard.length + 1, new URL(url, "http://receiver"));
        response.writeHead(status).end(body);
        receiver.#note({
          method,
          url,
          headers,
          raw: Buffer.concat(chunks).toString("utf8"),
          answered: status,
        });
      });
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const receiver = new WebhookReceiver(`http://127.0.0.1:${port}/webhook`, async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    });
    return receiver;
  }

  get bodies(): unknown[] {
    return this.heard.map(({ raw }): unknown => JSON.parse(raw));
  }

  /** Waits until what was heard is enough. */
  async until<T>(enough: () => T | undefined | false): Promise<T> {
    for (;;) {
      const found = enough();
      if (found !== undefined && found !== false) return found;
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close();
  }

  #note(heard: Heard): void {
    this.heard.push(heard);
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}
