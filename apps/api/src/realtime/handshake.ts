import { STATUS_CODES, type IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { channelsSubprotocol } from "@pregonero/contracts";
import type { WebSocket } from "ws";

/** Offered by clients that put their token in a subprotocol, and the one that they get in return. */
const subprotocol = "pregonero";
const tokenPrefix = "bearer.";

export function requestUrl(request: IncomingMessage): URL | undefined {
  const target = request.url ?? "/";
  return URL.canParse(target, "ws://localhost") ? new URL(target, "ws://localhost") : undefined;
}

/**
 * The token of clients that cannot set headers, which is every browser: `?token=` or a subprotocol `bearer.<token>`
 * beside `pregonero`.
 */
export function tokenOf(request: IncomingMessage, url: URL): string | undefined {
  const bearer = offeredProtocols(request).find((name) => name.startsWith(tokenPrefix));
  return bearer?.slice(tokenPrefix.length) || url.searchParams.get("token") || undefined;
}

export function hasCredentialHeaders({ headers }: IncomingMessage): boolean {
  return headers.authorization !== undefined || headers["x-api-key"] !== undefined;
}

/** The subprotocols that a request offers. */
export function offeredProtocols(request: IncomingMessage): string[] {
  return (request.headers["sec-websocket-protocol"] ?? "").split(",").map((name) => name.trim());
}

/** A browser ends the connection unless one of the subprotocols that it offered is chosen; a token is never sent back. */
export function chooseSubprotocol(offered: ReadonlySet<string>): string | false {
  if (offered.has(channelsSubprotocol)) return channelsSubprotocol;
  if (offered.has(subprotocol)) return subprotocol;
  return [...offered].find((name) => !name.startsWith(tokenPrefix)) ?? false;
}

/** Whether compressed frames may go to a client. Those with a smaller window than ours would not understand them. */
export function takesDeflated(
  { extensions }: Pick<WebSocket, "extensions">,
  { headers }: IncomingMessage,
): boolean {
  const offered = headers["sec-websocket-extensions"] ?? "";
  return extensions.includes("permessage-deflate") && !offered.includes("server_max_window_bits");
}

const loopbackNames = new Set(["localhost", "127.0.0.1", "[::1]"]);

/**
 * Browsers always send an Origin. Allowed are the server's own, those on the list (`*` allows all), and on a machine's
 * loopback whatever else is served there (a dashboard under development).
 */
export function originAllowed({ headers }: IncomingMessage, allowed: readonly string[]): boolean {
  const { origin, host } = headers;
  if (origin === undefined || allowed.includes("*") || allowed.includes(origin)) return true;
  if (!URL.canParse(origin)) return false;
  const from = new URL(origin);
  const to = host !== undefined && URL.canParse(`http://${host}`) ? new URL(`http://${host}`) : undefined;
  return from.host === host || (loopbackNames.has(from.hostname) && loopbackNames.has(to?.hostname ?? ""));
}

/** Answers an upgrade request with a plain HTTP error. */
export function refuseUpgrade(raw: Duplex, status: number, detail: string): void {
  const title = STATUS_CODES[status] ?? "Error";
  const body = JSON.stringify({ type: "about:blank", title, status, detail });
  raw.once("finish", () => raw.destroy());
  raw.end(
    `HTTP/1.1 ${status} ${title}\r\nConnection: close\r\nContent-Type: application/problem+json\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}
