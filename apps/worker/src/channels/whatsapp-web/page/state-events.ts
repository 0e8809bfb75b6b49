import type { PageEvent, PageSnapshot } from "./messages.ts";
import type { Wpp } from "./wpp.ts";

/**
 * Tells of the connection: what it is, whenever that changes; the QR; a logout; WhatsApp's own alarms. Runs in the
 * page (see page-script.ts: it can use nothing but its arguments and what a page has).
 */
export function watchState(wpp: Wpp, emit: (event: PageEvent) => void): void {
  const pollMs = 1_000;
  const alarms = new Set([
    "account_temporarily_banned",
    "storage_initialization_error",
    "unexpected_logout_modal",
    "service_unavailable_503",
  ]);
  let qr: string | null = null;
  let told = "";

  const myNumber = (): string | null => {
    try {
      return wpp.conn.getMyUserId()?.user ?? null;
    } catch {
      // Not known yet.
      return null;
    }
  };
  const tellState = (): void => {
    try {
      const { mode = null, info = null } = wpp.conn.getStreamData();
      const authenticated = wpp.conn.isAuthenticated();
      const ready = wpp.isFullReady;
      const me = authenticated ? myNumber() : null;
      const snapshot: PageSnapshot = { kind: "snapshot", mode, info, authenticated, ready, qr, me };
      const text = JSON.stringify(snapshot);
      if (text !== told) emit(snapshot);
      told = text;
    } catch {
      // wa-js has not found WhatsApp's modules yet; it is asked again at the next event or in a second.
    }
  };
  const tellQr = async (): Promise<void> => {
    const code = await wpp.conn.getAuthCode().catch(() => null);
    qr = code?.fullCode ?? null;
    tellState();
  };
  const poll = (): void => {
    tellState();
    try {
      // After some codes that nobody scanned WhatsApp waits for a click before it shows another one.
      if (wpp.conn.isIdle()) wpp.conn.refreshQR().catch(() => undefined);
    } catch {
      // As above.
    }
  };

  emit({ kind: "document", timeOrigin: performance.timeOrigin });
  for (const name of [
    "conn.stream_mode_changed",
    "conn.stream_info_changed",
    "conn.authenticated",
    "conn.require_auth",
    "conn.main_loaded",
    "conn.main_ready",
    "loader.full_ready",
  ]) {
    // A turn later: WhatsApp tells of a change while it is still in the middle of it.
    wpp.on(name, () => setTimeout(tellState));
  }
  wpp.on("conn.auth_code_change", () => void tellQr());
  let reason: string | null = null;
  wpp.on("conn.logout_reason", (why: string) => {
    reason = String(why);
  });
  wpp.on("conn.logout", () => emit({ kind: "logged_out", reason }));
  wpp.on("conn.backend_event", (name: string, ...args: unknown[]) => {
    if (alarms.has(name)) emit({ kind: "alarm", name, detail: JSON.stringify(args).slice(0, 500) });
  });
  setInterval(poll, pollMs);
}
