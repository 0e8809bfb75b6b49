import { once } from "node:events";
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Duplex } from "node:stream";
import { SiteUnreachable, type SiteNetwork } from "./site-network.ts";

/** A host that could not be reached, or not any more. */
export interface SeatFailure {
  readonly host: string;
  readonly code: SiteUnreachable["code"] | "too_large";
  readonly message: string;
}

/** Failures that are kept: a page may ask for as many hosts as it likes. */
const mostFailures = 200;

/** Headers that are between two neighbours only. */
const hopByHop = [
  "connection",
  "proxy-connection",
  "keep-alive",
  "proxy-authorization",
  "te",
  "trailer",
  "upgrade",
];

/**
 * A forward proxy for ONE browser context, on a port of its own: everything that the context does on the network comes
 * through here, so it can be counted, bounded and cut, whichever frame, worker or download it is for.
 */
export class ProxySeat {
  readonly #network: SiteNetwork;
  readonly #server: Server;
  readonly #sockets = new Set<Duplex>();
  readonly #failures = new Map<string, SeatFailure>();
  #bytes = 0;
  #maxBytes = Number.POSITIVE_INFINITY;
  #onExhausted: () => void = () => undefined;
  #closed = false;

  private constructor(network: SiteNetwork) {
    this.#network = network;
    this.#server = createServer({ keepAliveTimeout: 60_000 });
    this.#server.on("connection", (socket) => this.#track(socket));
    this.#server.on("request", (req, res) => void this.#forward(req, res));
    this.#server.on("connect", (req, socket, head) => void this.#tunnel(req, socket, head));
    // Browsers do not ask a proxy for plain upgrades: WebSockets come as CONNECT.
    this.#server.on("upgrade", (_, socket) => socket.destroy());
    this.#server.on("clientError", (_, socket) => socket.destroy());
  }

  static async open(network: SiteNetwork): Promise<ProxySeat> {
    const seat = new ProxySeat(network);
    seat.#server.listen(0, "127.0.0.1");
    await once(seat.#server, "listening");
    // A worker that ends does not wait for it.
    seat.#server.unref();
    return seat;
  }

  /** What the context's `proxyServer` is. */
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** From sites, as it came over the network. */
  get bytes(): number {
    return this.#bytes;
  }

  /** By host, the last of each. */
  get failures(): readonly SeatFailure[] {
    return [...this.#failures.values()];
  }

  failureOf(host: string): SeatFailure | undefined {
    return this.#failures.get(host.toLowerCase());
  }

  /** Cuts everything once so many bytes have come, and tells. */
  limit(maxBytes: number, onExhausted: () => void): void {
    this.#maxBytes = maxBytes;
    this.#onExhausted = onExhausted;
  }

  get exhausted(): boolean {
    return this.#bytes > this.#maxBytes;
  }

  /** Ends every connection. Safe to call twice. */
  close(): void {
    this.#closed = true;
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  async #tunnel(req: IncomingMessage, client: Duplex, head: Buffer): Promise<void> {
    client.on("error", () => client.destroy());
    const target = parseAuthority(req.url ?? "");
    const site = target && (await this.#connect(target.host, target.port));
    if (!site) {
      client.end("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
      return;
    }
    client.write("HTTP/1.1 200 Connection established\r\n\r\n");
    if (head.length > 0) site.write(head);
    site.on("data", (chunk: Buffer) => this.#count(chunk.length, target.host));
    site.pipe(client).pipe(site);
    client.on("close", () => site.destroy());
    site.on("close", () => client.destroy());
  }

  async #forward(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const url = URL.canParse(req.url ?? "") ? new URL(req.url ?? "") : null;
    // Anything but a whole http address is not a browser's request to a proxy.
    if (url?.protocol !== "http:") return void res.destroy();
    const port = Number(url.port || 80);
    const site = await this.#connect(url.hostname, port);
    // An answer of our own would look like the site's.
    if (!site) return void res.destroy();
    const headers = { ...req.headers, host: url.host };
    for (const name of hopByHop) delete (headers as Record<string, unknown>)[name];
    const call = request({
      method: req.method ?? "GET",
      path: `${url.pathname}${url.search}`,
      headers: { ...headers, connection: "close" },
      createConnection: () => site,
    });
    call.on("response", (answer) => this.#answer(answer, res, url.hostname));
    call.on("error", () => res.destroy());
    res.on("close", () => site.destroy());
    req.pipe(call);
  }

  #answer(answer: IncomingMessage, res: ServerResponse, host: string): void {
    const headers = { ...answer.headers };
    for (const name of hopByHop) delete headers[name];
    this.#count(answer.rawHeaders.join("").length, host);
    answer.on("data", (chunk: Buffer) => this.#count(chunk.length, host));
    answer.on("error", () => res.destroy());
    res.writeHead(answer.statusCode ?? 502, headers);
    answer.pipe(res);
  }

  /** Undefined when the host cannot be reached or must not be: then why is noted. */
  async #connect(host: string, port: number): Promise<Socket | undefined> {
    if (this.exhausted || this.#closed) return undefined;
    try {
      const socket = await this.#network.open(host, port);
      socket.on("error", () => socket.destroy());
      this.#track(socket);
      if (this.#closed) socket.destroy();
      return socket;
    } catch (error) {
      const code = error instanceof SiteUnreachable ? error.code : "connection";
      this.#fail({
        host: host.toLowerCase(),
        code,
        message: String(error instanceof Error ? error.message : error),
      });
      return undefined;
    }
  }

  #count(bytes: number, host: string): void {
    const before = this.exhausted;
    this.#bytes += bytes;
    if (before || !this.exhausted) return;
    this.#fail({ host, code: "too_large", message: `more than ${this.#maxBytes} bytes` });
    for (const socket of this.#sockets) socket.destroy();
    this.#onExhausted();
  }

  #fail(failure: SeatFailure): void {
    if (this.#failures.size < mostFailures) this.#failures.set(failure.host, failure);
  }

  #track(socket: Duplex): void {
    this.#sockets.add(socket);
    socket.on("close", () => this.#sockets.delete(socket));
  }
}

/** Of a CONNECT: `host:port`, IPv6 in brackets. */
function parseAuthority(text: string): { host: string; port: number } | undefined {
  const { host, port } = /^(?<host>\[[\da-f:.]+\]|[^:[\]\s/@]+):(?<port>\d{1,5})$/i.exec(text)?.groups ?? {};
  if (host === undefined || port === undefined) return undefined;
  const number = Number(port);
  return number > 0 && number <= 65_535 ? { host, port: number } : undefined;
}
