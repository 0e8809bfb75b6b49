import type { ChannelListener, ConnectionState } from "../channel.ts";
import { type Connection, connectionOf, isRefusal } from "./connection.ts";
import type { PageEvent, PageSnapshot } from "./page/messages.ts";

/** What else follows the state of the connection. */
export interface Follower {
  /** The state has changed. */
  changed(connection: Connection): void;
  /** The device has been linked, by a QR or a code, during this connection. */
  linked(): void;
}

/** WhatsApp's word for a ban that ends by itself. */
const banned = "account_temporarily_banned";

/** Follows the page's connection and tells the listener of each change, once. */
export class ConnectionTracker {
  readonly #listener: ChannelListener;
  #follower: Follower | null = null;
  #connection: Connection = { state: "disconnected" };
  #qr: string | null = null;
  #wasUnlinked = false;
  #isBanned = false;
  #phone: string | null = null;

  constructor(listener: ChannelListener) {
    this.#listener = listener;
  }

  follow(follower: Follower): void {
    this.#follower = follower;
    follower.changed(this.#connection);
  }

  get state(): ConnectionState {
    return this.#connection.state;
  }

  get isBanned(): boolean {
    return this.#isBanned;
  }

  set(connection: Connection): void {
    const { state, reason } = this.#connection;
    if (state === connection.state && reason === connection.reason) return;
    this.#connection = connection;
    // A code that was shown before says nothing about the next time.
    if (connection.state !== "qr") this.#qr = null;
    this.#listener.stateChanged(connection.state, connection.reason);
    this.#follower?.changed(connection);
  }

  handle(event: PageEvent): void {
    if (event.kind === "snapshot") this.#snapshot(event);
    else if (event.kind === "logged_out") this.#loggedOut(event.reason);
    else if (event.kind === "alarm") this.#alarm(event.name, event.detail);
  }

  #snapshot(snapshot: PageSnapshot): void {
    const connection = connectionOf(snapshot, this.state);
    // A ban shows as a line that is up, on which nothing is sent; it ends when WhatsApp lets the line go.
    if (this.#isBanned && connection.state === "connected") return;
    this.#isBanned = false;
    // Without a word of a logout: the phone has unlinked the device while nobody was listening.
    if (this.state === "connected" && connection.state === "qr") this.#loggedOut(null);
    if (connection.state === "qr") this.#wasUnlinked = true;
    const isNews = connection.reason !== this.#connection.reason;
    this.set(connection);
    if (isNews && isRefusal(snapshot.mode)) this.#listener.alert(snapshot.mode.toLowerCase(), "stream mode");
    if (connection.state === "qr") this.#tellQr(snapshot.qr);
    if (connection.state === "connected") this.#loggedIn(snapshot.me);
  }

  #loggedIn(phone: string | null): void {
    if (this.#wasUnlinked) this.#follower?.linked();
    this.#wasUnlinked = false;
    if (phone === null || phone === this.#phone) return;
    this.#phone = phone;
    this.#listener.identified(phone);
  }

  #tellQr(code: string | null): void {
    if (code === null || code === this.#qr) return;
    this.#qr = code;
    this.#listener.qr(code);
  }

  #loggedOut(reason: string | null): void {
    this.#isBanned = false;
    this.#wasUnlinked = true;
    this.#phone = null;
    this.set({ state: "disconnected", reason: reason === null ? "logged_out" : `logged_out: ${reason}` });
  }

  #alarm(name: string, detail: string): void {
    this.#listener.alert(name, detail);
    if (name !== banned) return;
    this.#isBanned = true;
    // Not an `error`: opening the page anew, over and over, is no cure and looks bad.
    this.set({ state: "disconnected", reason: name });
  }
}
