import type { ConnectionState } from "../channel.ts";
import type { PageSnapshot } from "./page/messages.ts";

export interface Connection {
  readonly state: ConnectionState;
  /** A word for operators, in lower case; absent where the state says it all. */
  readonly reason?: string;
}

/** Stream modes in which WhatsApp refuses this client until somebody does something. */
const refusing = new Set(["PROXYBLOCK", "TOS_BLOCK", "SMB_TOS_BLOCK", "DEPRECATED_VERSION"]);

/**
 * What a snapshot of the page means. `before` is the state that was last told: a line that is not up yet is on its
 * way (`connecting`), the same line after it was up is a loss (`disconnected`).
 */
export function connectionOf(snapshot: PageSnapshot, before: ConnectionState): Connection {
  const { mode, info, authenticated, ready, qr } = snapshot;
  if (mode === null) return { state: "connecting" };
  if (refusing.has(mode)) return { state: "error", reason: mode.toLowerCase() };
  // Another page or worker has the session. Only one of them can have it, so nothing is gained by taking it back.
  if (mode === "CONFLICT") return { state: "disconnected", reason: "conflict" };
  if (mode === "OFFLINE" || info === "OFFLINE") return wasUp(before) ? offline : { state: "connecting" };
  // Ready and full-ready come on the QR page as well: linked is who is authenticated AND in mode MAIN.
  if (mode === "MAIN" && authenticated) return { state: ready ? "connected" : "connecting" };
  if (mode === "QR" && !authenticated && qr !== null) return { state: "qr" };
  return { state: "connecting" };
}

const offline: Connection = { state: "disconnected", reason: "offline" };

function wasUp(before: ConnectionState): boolean {
  return before === "connected" || before === "disconnected";
}
