import type { IncomingMessage } from "node:http";

/** What speaks against treating a request as the local user's own; null for nothing. */
export type LocalGuard = (req: IncomingMessage) => "host_not_allowed" | "origin_not_allowed" | null;

/**
 * Without authentication any website that the user visits could call a server on loopback: by a cross-origin request
 * (its Origin gives it away) or by a DNS name that it points at 127.0.0.1 (the Host header gives it away).
 */
export function createLocalGuard(allowedOrigins: readonly string[]): LocalGuard {
  const allowed = new Set(allowedOrigins);
  return (req) => {
    if (!isLoopbackHost(req.headers.host)) return "host_not_allowed";
    const { origin } = req.headers;
    if (origin === undefined || allowed.has(origin) || isLoopbackOrigin(origin)) return null;
    return "origin_not_allowed";
  };
}

const loopbackNames = new Set(["localhost", "127.0.0.1", "[::1]"]);

/** Whether an address to listen on can be reached from this machine alone. */
export function isLoopbackAddress(address: string): boolean {
  return loopbackNames.has(address) || address === "::1" || /^127\.\d+\.\d+\.\d+$/.test(address);
}

function isLoopbackHost(host: string | undefined): boolean {
  return host !== undefined && loopbackNames.has(host.replace(/:\d+$/, "").toLowerCase());
}

function isLoopbackOrigin(origin: string): boolean {
  return URL.canParse(origin) && loopbackNames.has(new URL(origin).hostname);
}
