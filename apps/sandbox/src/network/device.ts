import type { FileFacts } from "./files.ts";
import type { Receipt } from "./sender.ts";

/** A page (or a phone) at the other end: what the network tells an account's devices. */
export interface Device {
  /** `n` is to be confirmed once the receipt is stored. */
  receipt(receipt: Receipt, n: number): void;
  inbound(message: Inbound, n: number): void;
  /** The session is over; the credential is worthless from now on. */
  loggedOut(reason: LogoutReason): void;
  /** Another page took the session over. */
  replaced(): void;
  backendEvent(name: string, args: readonly unknown[]): void;
}

export type LogoutReason = "user_initiated" | "unknown_companion" | "account_locked";

export interface Inbound {
  readonly id: string;
  /** Wid of the sender, `…@c.us` or `…@lid`. */
  readonly from: string;
  /** The sender's number, when WhatsApp lets the page know it. */
  readonly phone: string | null;
  readonly text: string;
  readonly file: FileFacts | null;
  /** What kind of message the file makes: image, document, … */
  readonly fileType: string | null;
  /** Typed on the account's own phone, to the number in `from`. */
  readonly own: boolean;
  /** As the sender calls itself. */
  readonly name: string | null;
  /** s since 1970. */
  readonly at: number;
  /** Shown first as a message that is not decrypted yet. */
  readonly twice: boolean;
}
