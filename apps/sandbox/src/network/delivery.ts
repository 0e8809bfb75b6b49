import type { Accounts } from "./accounts.ts";
import type { SendError } from "./fault-settings.ts";
import type { Submission } from "./fault-rules.ts";
import type { Faults } from "./faults.ts";
import type { Journal } from "./journal.ts";
import type { ArrivedFile, Ledger } from "./ledger.ts";
import { lidOf, phoneOfWid } from "./numbers.ts";
import type { Receipt, Sender } from "./sender.ts";
import type { Timers } from "./timers.ts";

export interface OutgoingMessage {
  readonly messageId: string;
  /** Wid of the chat. */
  readonly to: string;
  readonly text: string;
  readonly file?: ArrivedFile | undefined;
}

export type SendReply =
  | { readonly result: "OK" }
  | { readonly result: SendError; readonly keeps: "failed" | "outbox" };

export interface DeliveryParts {
  readonly accounts: Accounts;
  readonly faults: Faults;
  readonly ledger: Ledger;
  readonly journal: Journal;
  readonly timers: Timers;
  /** Hands a message to the recipient, should that be an account with a page of its own. */
  readonly deliver: (from: string, to: string, message: OutgoingMessage) => void;
}

const refused: SendReply = { result: "ERROR_UNKNOWN", keeps: "failed" };

/** Takes what accounts send to the recipients' phones, and brings the receipts back. */
export class Delivery {
  readonly #parts: DeliveryParts;
  /** Sends that a fault has already befallen. The same message handed in again passes: the trouble is over. */
  readonly #befallen = new Set<string>();

  constructor(parts: DeliveryParts) {
    this.#parts = parts;
  }

  /** `reply` is called once, or never when the send hangs. */
  submit(sender: Sender, message: OutgoingMessage, reply: (reply: SendReply) => void): void {
    const { faults, timers } = this.#parts;
    const replyLate = (answer: SendReply): void =>
      timers.after(faults.settings.ack_delay_ms + faults.settings.acks.late_ms, () => reply(answer));
    timers.after(faults.latencyMs(), () => this.#judge(sender, message, replyLate));
  }

  #judge(sender: Sender, message: OutgoingMessage, reply: (reply: SendReply) => void): void {
    const { accounts, faults } = this.#parts;
    const ban = accounts.get(sender.phone)?.ban ?? null;
    if (ban !== null) return ban.sends === "error" ? reply(refused) : undefined;
    const to = phoneOfWid(message.to);
    // What is no phone is taken and goes nowhere, as WhatsApp does with a malformed number.
    if (to === null) return reply({ result: "OK" });
    if (!faults.isRegistered(to)) return reply(refused);

    const submission = { account: sender.phone, to, messageId: message.messageId };
    const verdict = this.#isNew(submission) ? faults.verdict(submission) : ({ kind: "pass" } as const);
    if (verdict.kind === "pass")
      return this.#arrive(sender, submission, message, () => reply({ result: "OK" }));
    this.#befallen.add(`${submission.account} ${submission.messageId}`);
    if (verdict.kind === "hang") {
      if (verdict.arrives) this.#arrive(sender, submission, message, () => undefined);
      return;
    }
    reply({ result: verdict.result, keeps: verdict.keeps });
    // The error came first; that the message went out all the same is told by an ack that follows.
    if (verdict.delivered)
      this.#arrive(sender, submission, message, () => this.#tell(sender, submission, message, 1));
  }

  #isNew({ account, messageId }: Submission): boolean {
    if (this.#befallen.has(`${account} ${messageId}`)) return false;
    return this.#parts.ledger.find(account, messageId) === undefined;
  }

  #arrive(sender: Sender, submission: Submission, message: OutgoingMessage, taken: () => void): void {
    const { ledger, journal } = this.#parts;
    const { account, to, messageId } = submission;
    const known = ledger.find(account, messageId);
    if (known === undefined) {
      const at = Date.now();
      journal.append({ k: "arrival", to, from: account, id: messageId, text: message.text, at });
      const { text, file } = message;
      ledger.add({ to, fromAccount: account, messageId, text, at, ...(file ? { file } : {}) });
      this.#parts.deliver(account, to, message);
    } else {
      journal.append({ k: "copy", from: account, id: messageId });
      known.copies += 1;
    }
    this.#acknowledge(sender, submission, message, taken);
  }

  #acknowledge(sender: Sender, submission: Submission, message: OutgoingMessage, taken: () => void): void {
    const { faults, timers } = this.#parts;
    const { delivered_after_ms, read_after_ms, ack_delay_ms, acks } = faults.settings;
    const deliveredAt = ack_delay_ms + delivered_after_ms + acks.late_ms;
    const readAt = deliveredAt + read_after_ms;
    const steps: [number, () => void][] = [
      [0, taken],
      [deliveredAt, () => this.#tell(sender, submission, message, 2)],
    ];
    if (faults.isRead(submission.messageId)) {
      steps.push([readAt, () => this.#tell(sender, submission, message, 3)]);
    }
    const delays = steps.map(([delay]) => delay);
    if (acks.out_of_order) delays.reverse();
    steps.forEach(([, step], index) => timers.after(delays[index] ?? 0, step));
  }

  #tell(sender: Sender, { messageId, to }: Submission, message: OutgoingMessage, ack: Receipt["ack"]): void {
    const { faults } = this.#parts;
    const { acks } = faults.settings;
    if (ack > 1 && faults.dropsReceipt(messageId, ack)) return;
    const chat = acks.lid ? `${lidOf(to)}@lid` : message.to;
    const receipt: Receipt = { messageId, chat, phone: to, ack, at: Math.floor(Date.now() / 1000) };
    for (let copy = 0; copy < (acks.doubled ? 2 : 1); copy++) {
      sender.tell(receipt);
    }
  }
}
