import { load } from "./loader.js";
import { Wid } from "./wid.js";

/** A dropped line that does not come back in this time shows as offline. */
const offlineAfterMs = 5_000;

/** WhatsApp needs some time to clear its storage before it loads the page anew. */
const reloadAfterLogoutMs = 150;

const localKeys = ["last-wid-md", "WALangPref", "me-display-name"];

/** Brings the page from "scan me" to "connected" and back, as the network tells. */
export class Session {
  credential = null;
  /** Own account, once the network has named it. */
  me = null;
  lidChats = false;
  #parts;
  #offlineTimer = null;
  #ended = false;

  /** @param parts status, database, stores, outbox, lids, keys, line */
  constructor(parts) {
    this.#parts = parts;
  }

  get isRegistered() {
    return this.credential !== null;
  }

  async restore() {
    this.credential = await this.#parts.database.credential();
    // The database is what counts: what local storage says without it is forgotten.
    if (this.credential === null) for (const key of localKeys) localStorage.removeItem(key);
    else {
      this.#setMe(this.credential.me);
      await this.#parts.stores.loadChats();
      await this.#parts.stores.loadRecent();
    }
  }

  opened() {
    const { status, line, keys } = this.#parts;
    status.Socket.set("state", this.isRegistered ? "OPENING" : "UNPAIRED");
    status.NetworkStatus.set("online", true);
    line.send({ t: "hello", keys: keys.text, session: this.credential?.session ?? null });
  }

  lost() {
    const { Conn, NetworkStatus, Socket, Stream } = this.#parts.status;
    if (this.#ended || Stream.mode === "CONFLICT") return;
    NetworkStatus.set("online", false);
    Socket.set({ state: "TIMEOUT", stream: "DISCONNECTED" });
    Stream.set("info", "OFFLINE");
    if (!this.isRegistered) Conn.set("ref", undefined);
    this.#offlineTimer ??= setTimeout(() => Stream.set("mode", "OFFLINE"), offlineAfterMs);
  }

  showRef(ref) {
    const { Conn, Socket, Stream } = this.#parts.status;
    this.#backOnline();
    Socket.set("state", ref === null ? "UNPAIRED_IDLE" : "UNPAIRED");
    Stream.set({ info: "PAIRING", mode: "QR" });
    Conn.set("ref", ref ?? undefined);
  }

  async linked({ session, me }) {
    const { database, status } = this.#parts;
    status.Socket.set("state", "PAIRING");
    status.Stream.set({ mode: "SYNCING", info: "SYNCING" });
    await database.clear();
    await database.saveCredential({ session, me });
    this.credential = { session, me };
    status.Conn.set({ connected: true, ref: undefined });
    localStorage.setItem("last-wid-md", JSON.stringify(`${me.phone}:1@c.us`));
    localStorage.setItem("me-display-name", JSON.stringify("Sandbox"));
    await this.accepted({ me });
  }

  async accepted({ me }) {
    const { BackendEventBus, Cmd, Conn, Socket, Stream } = this.#parts.status;
    this.#setMe(me);
    this.#backOnline();
    Conn.set({ connected: true, wid: new Wid(`${me.phone}@c.us`) });
    Socket.set({ state: "CONNECTED", stream: "CONNECTED" });
    if (!Cmd.isMainLoaded) Cmd.mainLoaded();
    BackendEventBus.trigger("main_stream_mode_ready");
    Stream.set({ info: "NORMAL", mode: "MAIN" });
    this.#parts.line.send({ t: "resume" });
    await this.#parts.outbox.resend();
  }

  conflict() {
    const { Socket, Stream } = this.#parts.status;
    Stream.set("mode", "CONFLICT");
    Socket.set("state", "CONFLICT");
    this.#parts.line.rest();
  }

  /** "Use here": the other page gets the conflict. */
  takeover() {
    this.#parts.status.Stream.set({ mode: "SYNCING", info: "OPENING" });
    this.#parts.line.connect();
  }

  async loggedOut(reason) {
    const { BackendEventBus, Cmd } = this.#parts.status;
    this.credential = null;
    this.#ended = true;
    this.#parts.line.rest();
    if (reason !== "user_initiated") load("WAWebLogoutReason").getErrorCodeFromLogoutReason(reason);
    BackendEventBus.trigger("logout");
    Cmd.trigger("logout");
    this.#parts.outbox.reset();
    for (const key of localKeys) localStorage.removeItem(key);
    await this.#parts.database.clear();
    setTimeout(() => location.replace(`/?post_logout=1&logout_reason=${reason}`), reloadAfterLogoutMs);
  }

  /** The user logs out here. Without a line the page forgets its link all the same. */
  logout() {
    if (!this.#parts.line.send({ t: "logout" })) setTimeout(() => void this.loggedOut("user_initiated"));
  }

  #setMe(me) {
    this.me = { phone: new Wid(`${me.phone}@c.us`), lid: new Wid(`${me.lid}@lid`) };
    this.#parts.lids.learn(me.phone, me.lid);
  }

  #backOnline() {
    clearTimeout(this.#offlineTimer);
    this.#offlineTimer = null;
    this.#parts.line.settle();
  }
}
