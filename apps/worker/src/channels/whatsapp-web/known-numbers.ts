import { monotonicMs } from "@pregonero/runtime";
import { Recent } from "./recent.ts";

const keptMs = 24 * 60 * 60 * 1_000;
const limit = 20_000;

/**
 * Numbers that are on WhatsApp, with the chat to write to. Each check is a question to WhatsApp, and many questions
 * look like a scan; "no" is not kept, because people join.
 */
export class KnownNumbers {
  readonly #chats = new Recent<string, { readonly chatId: string; readonly untilMs: number }>(limit);

  chatOf(phone: string): string | null {
    const known = this.#chats.get(phone);
    return known !== undefined && known.untilMs > monotonicMs() ? known.chatId : null;
  }

  learn(phone: string, chatId: string): void {
    if (this.chatOf(phone) === null) this.#chats.set(phone, { chatId, untilMs: monotonicMs() + keptMs });
  }

  forget(phone: string): void {
    this.#chats.delete(phone);
  }
}
