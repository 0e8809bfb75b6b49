import { randomBytes, randomUUID } from "node:crypto";
import type { Device } from "./device.ts";
import type { Ban, JournalRecord } from "./journal.ts";
import { Mailbox } from "./mailbox.ts";
import { lidOf } from "./numbers.ts";
import type { Sender } from "./sender.ts";

/** What a page keeps of its link to an account, and proves itself with after a reload. */
export interface Credential {
  readonly id: string;
  readonly secret: string;
}

export interface Session extends Sender {
  readonly id: string;
  readonly secret: string;
  /** ms since 1970. */
  readonly linkedAt: number;
  device: Device | null;
  readonly mailbox: Mailbox;
}

export interface Account {
  readonly phone: string;
  readonly lid: string;
  ban: Ban | null;
  readonly sessions: Map<string, Session>;
}

/** Phone accounts and the sessions that are linked to them. Knows nothing of messages. */
export class Accounts {
  readonly #accounts = new Map<string, Account>();
  readonly #sessions = new Map<string, Session>();
  readonly #record: (record: JournalRecord) => void;

  constructor(record: (record: JournalRecord) => void) {
    this.#record = record;
  }

  get(phone: string): Account | undefined {
    return this.#accounts.get(phone);
  }

  session(id: string): Session | undefined {
    return this.#sessions.get(id);
  }

  /** Null when the session is unknown or the secret is not the session's. */
  sessionOf(credential: Credential): Session | null {
    const session = this.#sessions.get(credential.id);
    return session?.secret === credential.secret ? session : null;
  }

  list(): Session[] {
    return [...this.#sessions.values()];
  }

  getOrCreate(phone: string): Account {
    const known = this.#accounts.get(phone);
    if (known !== undefined) return known;
    this.#record({ k: "account", phone });
    return this.#addAccount(phone);
  }

  link(phone: string): Session {
    const account = this.getOrCreate(phone);
    const link = { id: randomUUID(), secret: randomBytes(24).toString("base64url"), at: Date.now() };
    this.#record({ k: "link", phone, ...link });
    return this.#addSession(account, link);
  }

  unlink(session: Session): void {
    this.#record({ k: "unlink", id: session.id });
    this.#removeSession(session.id);
  }

  setBan(account: Account, ban: Ban | null): void {
    this.#record({ k: "ban", phone: account.phone, ban });
    account.ban = ban;
  }

  replay(record: JournalRecord): void {
    if (record.k === "account") this.#addAccount(record.phone);
    if (record.k === "link") this.#addSession(this.#addAccount(record.phone), record);
    if (record.k === "unlink") this.#removeSession(record.id);
    if (record.k === "ban") this.#addAccount(record.phone).ban = record.ban;
  }

  #addAccount(phone: string): Account {
    const account = this.#accounts.get(phone) ?? { phone, lid: lidOf(phone), ban: null, sessions: new Map() };
    this.#accounts.set(phone, account);
    return account;
  }

  #addSession(account: Account, link: { id: string; secret: string; at: number }): Session {
    const mailbox = new Mailbox();
    const session: Session = {
      id: link.id,
      secret: link.secret,
      phone: account.phone,
      linkedAt: link.at,
      device: null,
      mailbox,
      tell: (receipt) => mailbox.post((device, n) => device.receipt(receipt, n)),
    };
    account.sessions.set(session.id, session);
    this.#sessions.set(session.id, session);
    return session;
  }

  #removeSession(id: string): void {
    const session = this.#sessions.get(id);
    if (session === undefined) return;
    this.#sessions.delete(id);
    this.#accounts.get(session.phone)?.sessions.delete(id);
  }
}
