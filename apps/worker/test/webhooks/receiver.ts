import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";

export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly event: { readonly id: string; readonly type: string; readonly data: Record<string, unknown> };
}

/** A customer's server: keeps what it gets, and answers as it is told. */
export class Receiver implements AsyncDisposable {
  readonly received: Received[] = [];
  readonly url: string;
  readonly #server: ReturnType<typeof createServer>;

  private constructor(server: ReturnType<typeof createServer>) {
    this.#server = server;
    const address = server.address();
    this.url = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
  }

  static async start(answer: (received: Received, res: ServerResponse) => void): Promise<Receiver> {
    const server = createServer((req, res) => {
      void text(req).then((body) => {
        const received = { path: req.url ?? "", headers: req.headers, body, event: JSON.parse(body) };
        receiver.received.push(received);
        answer(received, res);
      });
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    const receiver = new Receiver(server);
    return receiver;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await once(this.#server.close(), "close");
  }
}
