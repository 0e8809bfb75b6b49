import type { ExistsAnswer } from "./messages.ts";
import type { Wpp } from "./wpp.ts";

export interface Numbers {
  exists(phone: string, checkMs: number): Promise<ExistsAnswer>;
  /** Every chat in which messages to the number may be: as we spell it, as WhatsApp does, and by its LID. */
  chatsOf(
    phone: string,
    checkMs: number,
  ): Promise<{ readonly chatIds: string[]; readonly complete: boolean }>;
}

/** Runs in the page (see page-script.ts: it can use nothing but its arguments and what a page has). */
export function createNumbers(wpp: Wpp): Numbers {
  const within = <T>(promise: Promise<T>, ms: number): Promise<T> =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms);
      promise.then(resolve, reject).finally(() => clearTimeout(timer));
    });
  const dontKnow = (detail: string): ExistsAnswer => ({ exists: "dont_know", detail });

  const ask = async (chatId: string, checkMs: number): Promise<ExistsAnswer> => {
    const query = wpp.whatsapp.functions.queryWidExists;
    const wid = wpp.util.createWid(chatId);
    if (query === undefined || wid === undefined) return dontKnow("queryWidExists is not there");
    try {
      // WhatsApp's own function and not `WPP.contact.queryWidExists`, which turns a network error into null (and
      // keeps that answer for 15 s): null would read as "is not on WhatsApp".
      const found = await within(query(wid), checkMs);
      return found === null ? { exists: "no" } : { exists: "yes", chatId: found.wid.toString() };
    } catch (error) {
      return dontKnow(error instanceof Error ? error.message : String(error));
    }
  };

  const exists = async (phone: string, checkMs: number): Promise<ExistsAnswer> => {
    const chatId = `${phone}@c.us`;
    // Each check is a question to WhatsApp, and too many of them get a number banned. A chat needs none.
    const chat = wpp.chat.get(chatId);
    return chat === undefined ? ask(chatId, checkMs) : { exists: "yes", chatId: chat.id.toString() };
  };

  const lidOf = async (chatId: string): Promise<string | null> => {
    const entry = await wpp.contact.getPnLidEntry(chatId);
    return entry.lid?._serialized ?? null;
  };

  const chatsOf = async (
    phone: string,
    checkMs: number,
  ): Promise<{ readonly chatIds: string[]; readonly complete: boolean }> => {
    const answer = await ask(`${phone}@c.us`, checkMs);
    const chatIds = new Set([`${phone}@c.us`]);
    if (answer.exists === "yes") chatIds.add(answer.chatId);
    try {
      const phones = [...chatIds];
      for (const chatId of phones) {
        const lid = await within(lidOf(chatId), checkMs);
        if (lid !== null) chatIds.add(lid);
      }
      return { chatIds: [...chatIds], complete: answer.exists !== "dont_know" };
    } catch {
      return { chatIds: [...chatIds], complete: false };
    }
  };

  return { exists, chatsOf };
}
