import { WebSocket } from "ws";

/** A JSON object as it came over the wire. */
export type Frame = Readonly<Record<string, unknown>> & { readonly type: string };

/** A client that knows nothing but the contract: opens a socket, sends and collects flat JSON. */
export class RawSocket implements AsyncDisposable {
  readonly frames: Frame[] = [];
  readonly #socket: WebSocket;
  #wake: () => void = () => undefined;

  constructor(url: string, headers: Readonly<Record<string, string>> = {}) {
    this.#socket = new WebSocket(url, { headers });
    this.#socket.on("message", (data: Buffer) => {
      this.frames.push(JSON.parse(data.toString("utf8")) as Frame);
      this.#wake();
    });
    this.#socket.on("error", () => this.#wake());
    this.#socket.on("close", () => this.#wake());
  }

  send(frame: Frame): void {
    this.#socket.send(JSON.stringify(frame));
  }

  /** The first frame, past or future, of which it holds. Rejects when the connection ends first. */
  async frame(holds: (frame: Frame) => boolean): Promise<Frame> {
    for (;;) {
      const found = this.frames.find(holds);
      if (found) return found;
      if (this.#socket.readyState === WebSocket.CLOSED) {
        throw new Error(`the connection ended after ${JSON.stringify(this.frames.slice(-3))}`);
      }
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  ofType(type: string): Promise<Frame> {
    return this.frame((frame) => frame.type === type);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#socket.readyState === WebSocket.CLOSED) return;
    const closed = new Promise((resolve) => this.#socket.once("close", resolve));
    this.#socket.terminate();
    await closed;
  }
}
