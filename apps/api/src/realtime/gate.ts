import type { IncomingMessage } from "node:http";
import { bulkClientFrameSchema, realtimeCloseCode, type ConnectionFrame } from "@pregonero/contracts";
import type { Logger } from "@pregonero/runtime";
import type { Connection } from "./connection.ts";
import type { RealtimePrincipal } from "./dialect.ts";
import { hasCredentialHeaders, tokenOf } from "./handshake.ts";

/** How the API knows who calls. Both resolve to null for credentials that are not valid; they reject when they cannot tell. */
export interface Authentication {
  /** By the headers of the request, or without any where the server is open. */
  authenticate(request: IncomingMessage): Promise<RealtimePrincipal | null>;
  authenticateToken(token: string): Promise<RealtimePrincipal | null>;
}

export interface GateOptions {
  readonly auth: Authentication;
  readonly log: Logger;
  readonly authMs: number;
}

export interface Admitted {
  readonly principal: RealtimePrincipal;
  /** Whether the credentials are still good. Rejects when that cannot be told. */
  readonly recheck: () => Promise<boolean>;
}

/**
 * Finds out who is at the other end: by the request, else by a first frame `{type:"auth", token}`. Closes the connection
 * unless that is known in time. Never rejects.
 * @returns undefined when the connection was closed
 */
export async function passGate(
  connection: Connection,
  request: IncomingMessage,
  url: URL,
  options: GateOptions,
): Promise<Admitted | undefined> {
  const { auth, authMs } = options;
  const timer = setTimeout(() => sendAway(connection, "no credentials in time"), authMs);
  try {
    const token = tokenOf(request, url);
    const brought = token !== undefined || hasCredentialHeaders(request);
    connection.stopReceiving();
    const ask = () => (token === undefined ? auth.authenticate(request) : auth.authenticateToken(token));
    const known = await admitted(ask);
    connection.resume();
    if (known) return known;
    const given = brought ? undefined : await tokenFrame(connection);
    const late = given === undefined ? undefined : await admitted(() => auth.authenticateToken(given));
    if (late) return late;
    sendAway(connection, "credentials are missing or not valid");
  } catch (error) {
    options.log.warn("credentials of a connection could not be checked", { error });
    connection.close(realtimeCloseCode.tryAgainLater, "credentials cannot be checked now");
  } finally {
    clearTimeout(timer);
    connection.resume();
  }
  return undefined;
}

async function admitted(ask: () => Promise<RealtimePrincipal | null>): Promise<Admitted | undefined> {
  const principal = await ask();
  if (!principal) return undefined;
  const recheck = async () => (await ask())?.tenantId === principal.tenantId;
  return { principal, recheck };
}

/** The token in the first frame; undefined when it is another frame, or the connection ends. */
function tokenFrame(connection: Connection): Promise<string | undefined> {
  const asking: ConnectionFrame = {
    type: "auth_required",
    message: 'Send {"type":"auth","token":"…"} first',
  };
  connection.sendJson(asking);
  return new Promise((resolve) => {
    connection.onClose(() => resolve(undefined));
    connection.onFrame((text) => {
      connection.stopReceiving();
      const frame = text === undefined ? undefined : parse(text);
      resolve(frame?.type === "auth" ? frame.token : undefined);
    });
  });
}

/** Tells why, and closes. */
export function sendAway(connection: Connection, reason: string): void {
  const frame: ConnectionFrame = {
    type: "error",
    error: `Not signed in: ${reason}`,
    code: "unauthenticated",
  };
  connection.sendJson(frame);
  connection.close(realtimeCloseCode.unauthenticated, reason);
}

function parse(text: string) {
  try {
    return bulkClientFrameSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
