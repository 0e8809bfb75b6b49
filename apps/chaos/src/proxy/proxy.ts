import { connect, createServer, type Server, type Socket } from "node:net";
import { Link } from "./link.ts";
import { Trap, type TrapSide } from "./trap.ts";

const host = "127.0.0.1";

/** A TCP proxy on loopback that can cut, refuse, delay, swallow, and stop a connection at a chosen moment. */
export class Proxy {
  readonly #server: Server;
  readonly #targetPort: number;
  readonly #links = new Set<Link>();
  readonly #traps = new Set<Trap>();
  #refusing = false;
  #swallowing = false;
  #delayMs = 0;

  private constructor(targetPort: number) {
    this.#targetPort = targetPort;
    this.#server = createServer((client) => this.#accept(client));
  }

  static async open(targetPort: number): Promise<Proxy> {
    const proxy = new Proxy(targetPort);
    await new Promise<void>((resolve, reject) => {
      proxy.#server.once("error", reject);
      proxy.#server.listen(0, host, resolve);
    });
    return proxy;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  }

  /** How many connections are open through it. */
  get connections(): number {
    return this.#links.size;
  }

  /** Ends every connection at once. @returns how many there were */
  cut(): number {
    const links = [...this.#links];
    for (const link of links) link.cut();
    return links.length;
  }

  /** While true new connections are reset. */
  refuse(refusing: boolean): void {
    this.#refusing = refusing;
  }

  /** While true bytes go nowhere, and nobody is told: a cable that was pulled. What was held comes after it. */
  swallow(swallowing: boolean): void {
    this.#swallowing = swallowing;
    for (const { up, down } of this.#links) {
      if (swallowing) [up, down].forEach((flow) => flow.hold());
      else [up, down].forEach((flow) => flow.release());
    }
  }

  /** Every answer comes so much later. */
  delay(ms: number): void {
    this.#delayMs = ms;
  }

  /** Stops the first connection on which a client says something that matches. */
  trap(side: TrapSide, matches: (chunk: Buffer) => boolean): Trap {
    const trap: Trap = new Trap(side, matches, () => this.#traps.delete(trap));
    this.#traps.add(trap);
    return trap;
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.cut();
    await closed;
  }

  #accept(client: Socket): void {
    if (this.#refusing) {
      client.resetAndDestroy();
      return;
    }
    const server = connect({ host, port: this.#targetPort, noDelay: true });
    client.setNoDelay(true);
    const link = new Link(client, server);
    this.#links.add(link);
    if (this.#swallowing) [link.up, link.down].forEach((flow) => flow.hold());
    client.on("data", (chunk) => {
      for (const trap of this.#traps) trap.look(link, chunk);
      link.up.push(chunk, 0);
    });
    server.on("data", (chunk) => link.down.push(chunk, this.#delayMs));
    client.on("end", () => link.up.end());
    server.on("end", () => link.down.end());
    for (const socket of [client, server]) {
      // Its close follows.
      socket.on("error", () => link.cut());
      socket.on("close", () => {
        if (client.destroyed && server.destroyed) this.#links.delete(link);
      });
    }
    // A client that dies is not heard by a server whose answers are held.
    client.on("close", () => server.end());
    server.on("close", () => link.down.end());
  }
}
