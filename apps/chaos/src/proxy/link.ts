import type { Socket } from "node:net";
import { Flow } from "./flow.ts";

/** A connection through the proxy: what the client says goes up, what it is answered comes down. */
export class Link {
  readonly up: Flow;
  readonly down: Flow;
  readonly #client: Socket;
  readonly #server: Socket;

  constructor(client: Socket, server: Socket) {
    this.#client = client;
    this.#server = server;
    this.up = new Flow(client, server);
    this.down = new Flow(server, client);
  }

  /** Ends it for both sides; what was held is lost. */
  cut(): void {
    this.up.stop();
    this.down.stop();
    // As a lost route does, and not as a polite goodbye.
    this.#client.resetAndDestroy();
    this.#server.destroy();
  }
}
