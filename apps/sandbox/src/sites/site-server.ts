import { readFileSync } from "node:fs";
import {
  createServer as createHttp,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import { createServer as createHttps } from "node:https";
import { createServer as createNet, type AddressInfo, type Server as NetServer, type Socket } from "node:net";
import { createSecureContext, type SecureContextOptions } from "node:tls";
import { fileURLToPath } from "node:url";
import { anySite, makeSites } from "./sites.ts";

const folder = fileURLToPath(new URL("../../certificates/", import.meta.url));

const pair = (name: string): SecureContextOptions => ({
  cert: readFileSync(`${folder}${name}.crt.pem`),
  key: readFileSync(`${folder}${name}.key.pem`),
});

/** The first byte of a TLS handshake. */
const handshakeRecord = 0x16;

/** What was asked of a host. */
export interface Visits {
  /** Times that its own page was asked for. */
  documents: number;
  requests: number;
  /** Requests that wait for their answer. */
  open: number;
}

/** Sample websites, all on one port, over HTTP and HTTPS: which one is told by the host's name. */
export class SiteServer {
  readonly #sites = makeSites();
  readonly #visits = new Map<string, Visits>();
  readonly #sockets = new Set<Socket>();
  readonly #http: Server;
  readonly #https: Server;
  readonly #net: NetServer;

  constructor() {
    const serve = (request: IncomingMessage, response: ServerResponse): void =>
      this.#serve(request, response);
    const untrusted = createSecureContext(pair("untrusted"));
    this.#http = createHttp(serve);
    this.#https = createHttps(
      {
        ...pair("sites"),
        SNICallback: (name, done) => done(null, name.startsWith("selfsigned.") ? untrusted : undefined),
      },
      serve,
    );
    this.#net = createNet((socket) => this.#sort(socket));
  }

  async listen(port: number, host: string): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#net.once("error", reject);
      this.#net.listen(port, host, () => resolve());
    });
    return (this.#net.address() as AddressInfo).port;
  }

  /** By host: what was asked of it so far. */
  get visits(): Readonly<Record<string, Readonly<Visits>>> {
    return Object.fromEntries(this.#visits);
  }

  forget(): void {
    this.#visits.clear();
  }

  close(): void {
    this.#net.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #sort(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("close", () => this.#sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    socket.once("readable", () => {
      const first = socket.read(1) as Buffer | null;
      if (first === null) return;
      socket.unshift(first);
      (first[0] === handshakeRecord ? this.#https : this.#http).emit("connection", socket);
    });
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const host = (request.headers.host ?? "").replace(/:\d+$/, "").toLowerCase();
    const url = new URL(request.url ?? "/", `http://${host || "nowhere"}`);
    const visits = this.#visits.get(host) ?? { documents: 0, requests: 0, open: 0 };
    this.#visits.set(host, visits);
    visits.requests++;
    visits.open++;
    if (url.pathname === "/" && request.method === "GET") visits.documents++;
    response.on("close", () => visits.open--);
    const site = this.#sites[host.split(".")[0] ?? ""] ?? anySite(host);
    site({ path: url.pathname, url, request, response });
  }
}
