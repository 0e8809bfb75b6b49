import type { IncomingMessage } from "node:http";

/**
 * The token in the headers of a request: `Authorization: Bearer` or `X-API-Key`. Never one in the address, which ends
 * up in logs and histories (WebSockets, whose handshake a browser cannot give headers to, see to that themselves).
 */
export function tokenOf(req: IncomingMessage): string | null {
  const bearer = /^bearer +(\S+) *$/i.exec(req.headers.authorization ?? "")?.[1];
  if (bearer !== undefined) return bearer;
  const key = req.headers["x-api-key"];
  return typeof key === "string" && key !== "" ? key : null;
}

/** Whether the request brings any credentials, usable or not. */
export function bringsCredentials(req: IncomingMessage): boolean {
  return req.headers.authorization !== undefined || req.headers["x-api-key"] !== undefined;
}
