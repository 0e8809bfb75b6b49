import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import type { Logger } from "@pregonero/runtime";
import { WebSocketServer, type WebSocket } from "ws";
import type { Network } from "../network/network.ts";
import { pageFrameSchema, type PageFrame } from "./frames.ts";
import { PageConnection } from "./page-connection.ts";

const networkPath = "/network";

function parseFrame(data: string): PageFrame | null {
  try {
    return pageFrameSchema.parse(JSON.parse(data));
  } catch {
    return null;
  }
}

/** The lines between all open pages and the network. */
export class PageServer {
  readonly #network: Network;
  readonly #logger: Logger;
  readonly #connections = new Map<PageConnection, WebSocket>();
  readonly #sockets = new WebSocketServer({ noServer: true, maxPayload: 4 * 1024 * 1024 });

  constructor(network: Network, logger: Logger) {
    this.#network = network;
    this.#logger = logger;
  }

  attachTo(server: Server): void {
    server.on("upgrade", (request, socket, head) => this.#upgrade(request, socket, head));
  }

  /** Connected pages of a session id or of an account's number. */
  find(sessionOrPhone: string): PageConnection[] {
    return [...this.#connections.keys()].filter(
      ({ session }) => session?.id === sessionOrPhone || session?.phone === sessionOrPhone,
    );
  }

  /** After the network's settings have changed. */
  settingsChanged(): void {
    for (const [connection, socket] of this.#connections) {
      if (this.#network.faults.settings.refuse_connections) socket.terminate();
      else if (connection.session !== null) connection.tellSettings();
    }
  }

  close(): void {
    for (const socket of this.#connections.values()) socket.terminate();
    this.#sockets.close();
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const known = request.url === networkPath && !this.#network.faults.settings.refuse_connections;
    if (!known) {
      socket.end("HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\n\r\n");
      return;
    }
    this.#sockets.handleUpgrade(request, socket, head, (ws) => this.#open(ws));
  }

  #open(socket: WebSocket): void {
    const connection = new PageConnection(this.#network, {
      send: (frame) => {
        if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(frame));
      },
      close: () => socket.close(),
    });
    this.#connections.set(connection, socket);
    socket.on("message", (data: Buffer) => {
      const frame = parseFrame(data.toString("utf8"));
      if (frame === null) this.#logger.warn("a page sent a frame that is not valid");
      else connection.handle(frame);
    });
    socket.on("error", () => socket.terminate());
    socket.on("close", () => {
      this.#connections.delete(connection);
      connection.closed();
    });
  }
}
