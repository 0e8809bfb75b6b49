import { createHash } from "node:crypto";
import type { Socket } from "node:net";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { Agent, type buildConnector } from "undici";
import type { SiteNetwork } from "./site-network.ts";

/** A certificate that does not hold. */
export class TlsRefused extends Error {
  override readonly name = "TlsRefused";
}

export interface SiteAgentOptions {
  readonly network: SiteNetwork;
  /** SHA-256 of public keys, base64; see `scrapingFlags`. */
  readonly trustedKeys: readonly string[];
  /** Longest wait for an answer, ms. */
  readonly timeoutMs: number;
}

/** Connections to one host at once: what is asked beside the browser should not be felt by the site. */
const connectionsPerHost = 2;

/** For what is asked of sites outside of the browser: the same guarded network, the same trust. */
export function openSiteAgent({ network, trustedKeys, timeoutMs }: SiteAgentOptions): Agent {
  const open = async (options: buildConnector.Options): Promise<Socket> => {
    const secure = options.protocol === "https:";
    const socket = await network.open(options.hostname, Number(options.port || (secure ? 443 : 80)));
    return secure ? await encrypted(socket, options, { trustedKeys, timeoutMs }) : socket;
  };
  return new Agent({
    connections: connectionsPerHost,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    connect: (options, callback) => {
      open(options).then(
        (socket) => callback(null, socket),
        (error: unknown) => callback(error instanceof Error ? error : new Error(String(error)), null),
      );
    },
  });
}

function encrypted(
  socket: Socket,
  options: buildConnector.Options,
  { trustedKeys, timeoutMs }: Pick<SiteAgentOptions, "trustedKeys" | "timeoutMs">,
): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const servername = options.servername || options.hostname;
    // Judged below, since a key that the operator trusts is good as well.
    const tls = connectTls({ socket, servername, ALPNProtocols: ["http/1.1"], rejectUnauthorized: false });
    const give = (error: Error): void => {
      tls.destroy();
      reject(error);
    };
    const timer = setTimeout(() => give(new TlsRefused("no TLS handshake in time")), timeoutMs);
    tls.once("error", (error) => give(new TlsRefused("the TLS handshake failed", { cause: error })));
    tls.once("close", () => clearTimeout(timer));
    tls.once("secureConnect", () => {
      clearTimeout(timer);
      if (tls.authorized || trustedKeys.includes(keyOf(tls))) resolve(tls);
      else give(new TlsRefused("the certificate is not valid"));
    });
  });
}

function keyOf(tls: TLSSocket): string {
  const key = tls.getPeerX509Certificate()?.publicKey.export({ type: "spki", format: "der" });
  return key === undefined ? "" : createHash("sha256").update(key).digest("base64");
}
