import { randomBytes } from "node:crypto";
import { Accounts, type Credential, type Session } from "./accounts.ts";
import { Delivery, type OutgoingMessage, type SendReply } from "./delivery.ts";
import type { Device, Inbound, LogoutReason } from "./device.ts";
import { FileShelf } from "./files.ts";
import { Faults } from "./faults.ts";
import { GatewayLines } from "./gateway-lines.ts";
import { noJournal, openJournal, type Ban, type Journal, type JournalRecord } from "./journal.ts";
import { Ledger } from "./ledger.ts";
import { LinkDesk, type Found } from "./link-desk.ts";
import { lidOf } from "./numbers.ts";
import type { Sender } from "./sender.ts";
import { Timers } from "./timers.ts";

export interface NetworkOptions {
  /** ms that a QR is valid. */
  readonly qrRotateMs: number;
  /** Journal file; null keeps nothing over a restart. */
  readonly dataFile: string | null;
}

export interface InboundOrder {
  readonly from: string;
  readonly text: string;
  /** A file of the shelf, and what kind of message it makes. */
  readonly file?: { readonly id: string; readonly type: string } | undefined;
  readonly name?: string | undefined;
  /** Typed on the account's own phone, to `from`. */
  readonly own?: boolean;
  readonly twice: boolean;
  /** The sender shows as a LID. */
  readonly lid: boolean;
  /** The page learns which number the LID stands for. */
  readonly lidKnown: boolean;
}

/** An account has read what somebody wrote. */
export interface Seen {
  readonly account: string;
  /** The chat, or the message up to which it was read: what the way in tells. */
  readonly of: string;
}

export type LinkOutcome =
  | { readonly kind: "linked"; readonly session: Session }
  | { readonly kind: "gone" | "unknown" | "banned" };

/** WhatsApp's servers and everybody's phones: one for all pages, gateways and workers. */
export class Network {
  readonly faults = new Faults();
  readonly ledger = new Ledger();
  readonly accounts: Accounts;
  readonly gateways: GatewayLines;
  readonly desk: LinkDesk;
  readonly files = new FileShelf();
  readonly seen: Seen[] = [];
  readonly #journal: Journal;
  readonly #timers = new Timers();
  readonly #delivery: Delivery;

  /** @throws Error when the journal cannot be read or written. */
  constructor(options: NetworkOptions) {
    this.accounts = new Accounts((record) => this.#journal.append(record));
    this.gateways = new GatewayLines((record) => this.#journal.append(record));
    this.#journal =
      options.dataFile === null ? noJournal : openJournal(options.dataFile, (record) => this.#replay(record));
    this.desk = new LinkDesk(options.qrRotateMs, this.faults, this.#timers);
    this.#delivery = new Delivery({
      accounts: this.accounts,
      faults: this.faults,
      ledger: this.ledger,
      journal: this.#journal,
      timers: this.#timers,
      deliver: (from, to, message) => this.#deliver(from, to, message),
    });
  }

  /** Takes a page in under its session. Null when the credential is worth nothing (any more). */
  connect(credential: Credential, device: Device): Session | null {
    const session = this.accounts.sessionOf(credential);
    if (session === null) return null;
    const older = session.device;
    session.device = device;
    session.mailbox.shut();
    older?.replaced();
    return session;
  }

  disconnect(session: Session, device: Device): void {
    if (session.device !== device) return;
    session.device = null;
    session.mailbox.shut();
  }

  scan(code: string, phone: string): LinkOutcome {
    return this.#link(this.desk.findByQr(code), phone);
  }

  pair(code: string, phone: string): LinkOutcome {
    return this.#link(this.desk.findByPairing(code, phone), phone);
  }

  logout(session: Session, reason: LogoutReason): void {
    this.accounts.unlink(session);
    const device = session.device;
    session.device = null;
    device?.loggedOut(reason);
  }

  /** @param reply called once, or never when the send hangs */
  send(sender: Sender, message: OutgoingMessage, reply: (reply: SendReply) => void): void {
    this.#delivery.submit(sender, message, reply);
  }

  /** The message id; null when no session is linked to the account and no gateway answers for it. */
  inbound(account: string, order: InboundOrder): string | null {
    const sessions = [...(this.accounts.get(account)?.sessions.values() ?? [])];
    const receive = this.gateways.receiver(account);
    if (sessions.length === 0 && receive === undefined) return null;
    const message: Inbound = {
      id: `3A${randomBytes(9).toString("hex").toUpperCase()}`,
      from: order.lid ? `${lidOf(order.from)}@lid` : `${order.from}@c.us`,
      phone: order.lid && !order.lidKnown ? null : order.from,
      text: order.text,
      file: (order.file && this.files.facts(order.file.id)) ?? null,
      fileType: order.file?.type ?? null,
      own: order.own ?? false,
      name: order.name ?? null,
      at: Math.floor(Date.now() / 1000),
      twice: order.twice,
    };
    for (const session of sessions) {
      session.mailbox.post((device, n) => device.inbound(message, n));
    }
    // Gateways know nothing of LIDs: they are told the number. What is typed on the phone they are not told.
    if (!message.own) receive?.({ ...message, phone: order.from });
    return message.id;
  }

  ban(phone: string, ban: Ban): void {
    const account = this.accounts.getOrCreate(phone);
    this.accounts.setBan(account, ban);
    for (const session of account.sessions.values()) {
      // For good: WhatsApp throws the companion devices out.
      if (ban.kind === "permanent") this.logout(session, "account_locked");
      else session.device?.backendEvent("account_temporarily_banned", [{ reason: ban.reason }]);
    }
  }

  /** False when there is no such account. */
  unban(phone: string): boolean {
    const account = this.accounts.get(phone);
    if (account === undefined) return false;
    this.accounts.setBan(account, null);
    return true;
  }

  clearLedger(): void {
    this.#journal.append({ k: "clear" });
    this.ledger.clear();
  }

  close(): void {
    this.#timers.close();
    this.#journal.close();
  }

  #link(found: Found, phone: string): LinkOutcome {
    if (found.kind !== "page") return { kind: found.kind };
    if (this.accounts.get(phone)?.ban?.kind === "permanent") return { kind: "banned" };
    const session = this.accounts.link(phone);
    this.desk.close(found.page);
    found.page.linked(session);
    return { kind: "linked", session };
  }

  #deliver(from: string, to: string, message: OutgoingMessage): void {
    // Most recipients are just numbers: nobody to build a message for.
    if (this.accounts.get(to) === undefined && this.gateways.receiver(to) === undefined) return;
    const order = { from, text: message.text, twice: false, lid: false, lidKnown: true };
    this.inbound(to, order);
  }

  #replay(record: JournalRecord): void {
    this.accounts.replay(record);
    this.gateways.replay(record);
    if (record.k === "arrival") {
      const { to, from, id, text, at } = record;
      this.ledger.add({ to, fromAccount: from, messageId: id, text, at });
    }
    if (record.k === "copy") {
      const arrival = this.ledger.find(record.from, record.id);
      if (arrival !== undefined) arrival.copies += 1;
    }
    if (record.k === "clear") this.ledger.clear();
  }
}
