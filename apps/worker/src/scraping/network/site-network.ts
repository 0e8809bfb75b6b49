import { connect, type Socket } from "node:net";
import { OutboundRefused, type OutboundGuard } from "@pregonero/outbound";
import type { HostMap } from "./host-map.ts";

/** Why a host could not be reached. */
export type UnreachableCode = "private_address" | "dns" | "connection" | "timeout";

export class SiteUnreachable extends Error {
  override readonly name = "SiteUnreachable";
  readonly code: UnreachableCode;

  constructor(code: UnreachableCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

export interface SiteNetworkOptions {
  readonly guard: OutboundGuard;
  readonly hostMap: HostMap;
  /** Longest that a connection may take to be made, ms. */
  readonly connectTimeoutMs: number;
}

/**
 * The one way in which anything about a website gets out of the worker: the browser (through a proxy), robots.txt and the
 * check of links. What is connected to is what was checked, so neither a redirect nor DNS can lead to a private address.
 */
export class SiteNetwork {
  readonly #options: SiteNetworkOptions;

  constructor(options: SiteNetworkOptions) {
    this.#options = options;
  }

  /** A connected socket without error handling of its own. @throws SiteUnreachable */
  async open(host: string, port: number): Promise<Socket> {
    const { guard, hostMap, connectTimeoutMs } = this.#options;
    const mapped = hostMap(host, port);
    try {
      if (mapped === undefined) guard.checkUrl(addressOf(host, port));
      const bare = host.replace(/^\[|\]$/g, "");
      const socket = connect(mapped ?? { host: bare, port, lookup: guard.lookup, autoSelectFamily: true });
      return await connected(socket, connectTimeoutMs);
    } catch (error) {
      throw asUnreachable(error, host);
    }
  }
}

function addressOf(host: string, port: number): string {
  return `${port === 443 ? "https" : "http"}://${host}:${port}/`;
}

function connected(socket: Socket, timeoutMs: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const give = (error: Error): void => {
      clearTimeout(timer);
      socket.destroy();
      reject(error);
    };
    const timer = setTimeout(
      () => give(new SiteUnreachable("timeout", `no connection within ${timeoutMs} ms`)),
      timeoutMs,
    );
    socket.once("error", give);
    socket.once("connect", () => {
      clearTimeout(timer);
      socket.off("error", give);
      socket.setNoDelay(true);
      resolve(socket);
    });
  });
}

const dnsCodes = /^(?:ENOTFOUND|EAI_|ENODATA|ESERVFAIL|EREFUSED)/;

function asUnreachable(error: unknown, host: string): SiteUnreachable {
  if (error instanceof SiteUnreachable) return error;
  // A lookup that was refused reaches us as the connection's error.
  if (error instanceof OutboundRefused) {
    return new SiteUnreachable("private_address", `${host} is not on the public Internet`, { cause: error });
  }
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (dnsCodes.test(code)) return new SiteUnreachable("dns", `${host} has no address`, { cause: error });
  if (code === "ETIMEDOUT")
    return new SiteUnreachable("timeout", `${host} does not answer`, { cause: error });
  return new SiteUnreachable("connection", `${host} cannot be connected to`, { cause: error });
}
