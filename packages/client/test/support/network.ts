import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";

/** The way between a client and a server, which can be cut, and can lose everything without a word. */
export class Network {
  readonly #server: Server;
  readonly #pairs = new Map<Socket, Socket>();
  #target: number;
  #state: "up" | "cut" | "silent" = "up";

  private constructor(target: number) {
    this.#target = target;
    this.#server = createServer((near) => this.#accept(near));
  }

  static async open(targetUrl: string): Promise<Network> {
    const network = new Network(Number(new URL(targetUrl).port));
    network.#server.listen(0, "127.0.0.1");
    await once(network.#server, "listening");
    return network;
  }

  get url(): string {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    return `http://127.0.0.1:${address.port}`;
  }

  /** Connections break, and no new ones come about. */
  cut(): void {
    this.#state = "cut";
    for (const near of this.#pairs.keys()) near.destroy();
  }

  /** Connections stay open, and nothing passes. */
  silence(): void {
    this.#state = "silent";
    for (const [near, far] of this.#pairs) {
      near.unpipe(far);
      far.unpipe(near);
      near.resume();
      far.resume();
    }
  }

  /** New connections pass, those that were silenced never do again. */
  restore(targetUrl?: string): void {
    this.#state = "up";
    if (targetUrl !== undefined) this.#target = Number(new URL(targetUrl).port);
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #accept(near: Socket): void {
    near.on("error", () => undefined);
    if (this.#state === "cut") return void near.destroy();
    const far = connect(this.#target, "127.0.0.1");
    far.on("error", () => near.destroy());
    this.#pairs.set(near, far);
    near.on("close", () => {
      this.#pairs.delete(near);
      far.destroy();
    });
    far.on("close", () => near.destroy());
    if (this.#state === "silent") return void near.resume();
    near.pipe(far);
    far.pipe(near);
  }
}
