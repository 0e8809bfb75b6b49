import type { ConnectionState } from "../channel.ts";
import type { PageSnapshot } from "./page/messages.ts";

export interface Connection {
  readonly state: ConnectionState;
  /** A word for operators, in lower case; absent where the state says it all. */
  readonly reason?: string;
}

/** Stream modes in which WhatsApp refuses this client. `error`: a page that is loaded anew may be let in. */
const refusals: Readonly<Record<string, ConnectionState | undefined>> = {
  PROXYBLOCK: "error",
  DEPRECATED_VERSION: "error",
  // The owner of the number must accept the terms on the phone.
  TOS_BLOCK: "disconnected",
  SMB_TOS_BLOCK: "disconnected",
};

/** Whether the mode is a refusal that operators must hear of. */
export function isRefusal(mode: string | null): mode is string {
  return mode !== null && refusals[mode] !== undefined;
}

/**
 * What a snapshot of the page means. `before` is the state that was last told: a line that is not up yet is on its
 * way (`connecting`), the same line after it was up is a loss (`disconnected`).
 */
export function connectionOf(snapshot: PageSnapshot, before: ConnectionState): Connection {
  const { mode, info, authenticated, ready, qr } = snapshot;
  if (mode === null) return { state: "connecting" };
  const refusal = refusals[mode];
  if (refusal !== undefined) return { state: refusal, reason: mode.toLowerCase() };
  // Another page or worker has the session. Only one of them can have it, so nothing is gained by taking it back.
  if (mode === "CONFLICT") return { state: "disconnected", reason: "conflict" };
  if (mode === "OFFLINE" || info === "OFFLINE") return wasUp(before) ? offline : { state: "connecting" };
  // Ready and full-ready come on the QR page as well: linked is who is authenticated AND in mode MAIN.
  if (mode === "MAIN" && authenticated) return { state: ready ? "connected" : "connecting" };
  // Between two codes there is none for a moment.
  if (mode === "QR" && !authenticated && (qr !== null || before === "qr")) return { state: "qr" };
  return { state: "connecting" };
}

const offline: Connection = { state: "disconnected", reason: "offline" };

function wasUp(before: ConnectionState): boolean {
  return before === "connected" || before === "disconnected";
}
