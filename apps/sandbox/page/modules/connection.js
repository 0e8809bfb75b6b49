import { define } from "../loader.js";
import { CmdImpl } from "../status.js";

const streamStates = {
  SOCKET_STATE: Object.fromEntries(
    [
      "OPENING",
      "PAIRING",
      "UNPAIRED",
      "UNPAIRED_IDLE",
      "CONNECTED",
      "TIMEOUT",
      "CONFLICT",
      "UNLAUNCHED",
      "PROXYBLOCK",
      "TOS_BLOCK",
      "SMB_TOS_BLOCK",
      "DEPRECATED_VERSION",
    ].map((state) => [state, state]),
  ),
  SOCKET_STREAM: {
    DISCONNECTED: "DISCONNECTED",
    SYNCING: "SYNCING",
    RESUMING: "RESUMING",
    CONNECTED: "CONNECTED",
  },
  WATCHED_SOCKET_STATE: { OPEN: "OPEN", CLOSED: "CLOSED" },
};

const backendEvents = {
  LOGOUT: "logout",
  REFRESH_QR: "refresh_qr",
  ACCOUNT_TEMPORARILY_BANNED: "account_temporarily_banned",
  MAIN_STREAM_MODE_READY: "main_stream_mode_ready",
};

/** The state of the connection, and the commands that the user gives. */
export function defineConnection({ status, session, line }) {
  const { Conn, Stream, Socket, Cmd, NetworkStatus, BackendEventBus } = status;
  // wa-js awaits the event after the call: it must not come before.
  Socket.logout = () => session.logout();
  Socket.takeover = () => session.takeover();
  Cmd.on("refresh_qr", () => line.send({ t: "refresh_qr" }));
  define("WAWebConnModel", { Conn, ConnImpl: Conn.constructor });
  define("WAWebStreamModel", { Stream });
  define("WAWebSocketModel", { Socket });
  define("WAWebSocketConstants", streamStates);
  define("WAWebCmd", { Cmd, CmdImpl });
  define("WAWebNetworkStatus", { default: NetworkStatus });
  define("WAWebBackendEventBus", { BackendEventBus, BackendEvent: backendEvents });
  define("WAWebIsOfficialClient", { isOfficialClient: true });
}
