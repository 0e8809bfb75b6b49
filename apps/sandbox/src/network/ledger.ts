import { createHash } from "node:crypto";
import type { FileFacts } from "./files.ts";

/** The file of a message. */
export interface ArrivedFile extends FileFacts {
  /** image, document, … */
  readonly type: string;
}

/** A message that arrived at a recipient's phone. */
export interface Arrival {
  /** Counts up from 1, over everything that ever arrived. */
  readonly seq: number;
  /** The recipient, E.164 digits. */
  readonly to: string;
  readonly fromAccount: string;
  readonly messageId: string;
  readonly text: string;
  readonly file?: ArrivedFile;
  /** ms since 1970. */
  readonly at: number;
  /**
   * How often the network was handed this message: 1, or more when an outbox sent it again. The phone shows it once
   * all the same, because the id is the same.
   */
  copies: number;
}

export interface LedgerQuery {
  readonly phone?: string | undefined;
  readonly messageId?: string | undefined;
  /** ms since 1970, inclusive. */
  readonly since?: number | undefined;
  /** Only arrivals with a greater `seq`. */
  readonly after: number;
  readonly limit: number;
}

export interface LedgerSummary {
  readonly recipients: number;
  readonly arrivals: number;
  readonly doubled: readonly { readonly to: string; readonly text_hash: string; readonly arrivals: number }[];
  readonly by_account: Readonly<Record<string, number>>;
}

const hashOf = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 16);

const increment = (counts: Map<string, number>, key: string): number => {
  const count = (counts.get(key) ?? 0) + 1;
  counts.set(key, count);
  return count;
};

/**
 * Everything that arrived, whoever sent it and over whatever way. Sums are kept as arrivals come, so that they are
 * exact and cheap at any size.
 */
export class Ledger {
  #arrivals: Arrival[] = [];
  readonly #byId = new Map<string, Arrival>();
  readonly #byRecipient = new Map<string, number>();
  readonly #byAccount = new Map<string, number>();
  readonly #byText = new Map<string, number>();
  readonly #doubled = new Set<string>();
  /** Campaign texts repeat: one string is kept for all of them. */
  readonly #texts = new Map<string, { readonly text: string; readonly hash: string }>();
  #seq = 0;

  find(account: string, messageId: string): Arrival | undefined {
    return this.#byId.get(`${account} ${messageId}`);
  }

  add(arrival: Omit<Arrival, "seq" | "copies">): Arrival {
    const { text, hash } = this.#intern(arrival.text);
    this.#seq += 1;
    const entry: Arrival = { ...arrival, text, seq: this.#seq, copies: 1 };
    this.#arrivals.push(entry);
    this.#byId.set(`${entry.fromAccount} ${entry.messageId}`, entry);
    increment(this.#byRecipient, entry.to);
    increment(this.#byAccount, entry.fromAccount);
    const key = `${entry.to} ${hash}`;
    if (increment(this.#byText, key) > 1) this.#doubled.add(key);
    return entry;
  }

  list(query: LedgerQuery): { total: number; entries: Arrival[] } {
    const matching = this.#arrivals.filter(
      (entry) =>
        (query.phone === undefined || entry.to === query.phone) &&
        (query.messageId === undefined || entry.messageId === query.messageId) &&
        (query.since === undefined || entry.at >= query.since),
    );
    const entries = matching.filter((entry) => entry.seq > query.after).slice(0, query.limit);
    return { total: matching.length, entries };
  }

  summary(): LedgerSummary {
    const doubled = [...this.#doubled].map((key) => {
      const [to = "", text_hash = ""] = key.split(" ");
      return { to, text_hash, arrivals: this.#byText.get(key) ?? 0 };
    });
    return {
      recipients: this.#byRecipient.size,
      arrivals: this.#arrivals.length,
      doubled,
      by_account: Object.fromEntries(this.#byAccount),
    };
  }

  /** Forgets everything, also which ids were seen. `seq` goes on counting. */
  clear(): void {
    this.#arrivals = [];
    this.#doubled.clear();
    for (const map of [this.#byId, this.#byRecipient, this.#byAccount, this.#byText, this.#texts])
      map.clear();
  }

  #intern(text: string): { readonly text: string; readonly hash: string } {
    const known = this.#texts.get(text);
    if (known !== undefined) return known;
    const interned = { text, hash: hashOf(text) };
    this.#texts.set(text, interned);
    return interned;
  }
}
