import type { Credential, Session } from "../network/accounts.ts";
import type { Device, Inbound, LogoutReason } from "../network/device.ts";
import type { LinkingPage } from "../network/link-desk.ts";
import type { Network } from "../network/network.ts";
import { isWellFormed, lidOf, phoneOfWid } from "../network/numbers.ts";
import type { Receipt } from "../network/sender.ts";
import type { Me, NetworkFrame, PageFrame } from "./frames.ts";

/** The way to the page; a closed one swallows what is sent. */
export interface Wire {
  send(frame: NetworkFrame): void;
  close(): void;
}

const meOf = (session: Session): Me => ({ phone: session.phone, lid: lidOf(session.phone) });

/** One connection of one page. A page that reconnects gets a new one. */
export class PageConnection implements Device, LinkingPage {
  keys = "";
  readonly #network: Network;
  readonly #wire: Wire;
  #session: Session | null = null;

  constructor(network: Network, wire: Wire) {
    this.#network = network;
    this.#wire = wire;
  }

  /** Null while the page is not linked. */
  get session(): Session | null {
    return this.#session;
  }

  handle(frame: PageFrame): void {
    if (frame.t === "hello") return this.#hello(frame.keys, frame.session);
    if (frame.t === "pair") return this.#pair(frame.n, frame.phone);
    if (frame.t === "refresh_qr") return this.#network.desk.refresh(this);
    const session = this.#session;
    if (session === null) return;
    if (frame.t === "resume") return this.#resume(session);
    if (frame.t === "got") return session.mailbox.confirm(frame.ns);
    if (frame.t === "exists") return this.#exists(frame.n, frame.wid);
    if (frame.t === "logout") return this.#network.logout(session, "user_initiated");
    if (frame.t === "seen") {
      this.#network.seen.push({ account: session.phone, of: frame.chat });
      return;
    }
    const facts = frame.file && this.#network.files.facts(frame.file.id);
    const file = facts && frame.file ? { ...facts, type: frame.file.type } : undefined;
    this.#network.send(session, { messageId: frame.id, to: frame.to, text: frame.text, file }, (reply) =>
      this.#wire.send({ t: "sent", id: frame.id, to: frame.to, ...reply }),
    );
  }

  closed(): void {
    this.#network.desk.close(this);
    if (this.#session !== null) this.#network.disconnect(this.#session, this);
    this.#session = null;
  }

  /** Cuts the line; the page will notice and connect again. */
  drop(): void {
    this.closed();
    this.#wire.close();
  }

  /** Keeps the page's only thread busy. */
  hang(ms: number): void {
    this.#wire.send({ t: "hang", ms });
  }

  tellSettings(): void {
    this.#wire.send({ t: "settings", lidChats: this.#network.faults.settings.lid_chats });
  }

  showRef(ref: string | null): void {
    this.#wire.send({ t: "qr", ref });
  }

  linked(session: Session): void {
    this.#session = this.#network.connect(session, this);
    this.tellSettings();
    this.#wire.send({ t: "linked", session: { id: session.id, secret: session.secret }, me: meOf(session) });
  }

  receipt(receipt: Receipt, n: number): void {
    this.#wire.send({ t: "receipt", n, ...receipt });
  }

  inbound(message: Inbound, n: number): void {
    this.#wire.send({ t: "message", n, ...message });
  }

  loggedOut(reason: LogoutReason): void {
    this.#session = null;
    this.#wire.send({ t: "logged_out", reason });
  }

  replaced(): void {
    this.#session = null;
    this.#wire.send({ t: "conflict" });
    this.#wire.close();
  }

  backendEvent(name: string, args: readonly unknown[]): void {
    this.#wire.send({ t: "event", name, args });
  }

  #hello(keys: string, credential: Credential | null): void {
    // A connection is a page for as long as it lasts: a second greeting changes nothing.
    if (this.keys !== "") return;
    this.keys = keys;
    if (credential === null) return this.#network.desk.open(this);
    this.#session = this.#network.connect(credential, this);
    if (this.#session === null) return this.loggedOut("unknown_companion");
    this.tellSettings();
    this.#wire.send({ t: "accepted", me: meOf(this.#session) });
  }

  #resume(session: Session): void {
    session.mailbox.open(this);
    const ban = this.#network.accounts.get(session.phone)?.ban ?? null;
    if (ban !== null) this.backendEvent("account_temporarily_banned", [{ reason: ban.reason }]);
  }

  #pair(n: number, phone: string): void {
    const code = isWellFormed(phone) ? this.#network.desk.pairingCode(this, phone) : null;
    this.#wire.send(
      code === null ? { t: "answer", n, error: "invalid_phone_number" } : { t: "answer", n, value: code },
    );
  }

  #exists(n: number, wid: string): void {
    const { faults } = this.#network;
    if (faults.failsExistsQuery()) return this.#wire.send({ t: "answer", n, error: "network" });
    const phone = phoneOfWid(wid);
    const value = phone !== null && faults.isRegistered(phone) ? { phone, lid: lidOf(phone) } : null;
    this.#wire.send({ t: "answer", n, value });
  }
}
