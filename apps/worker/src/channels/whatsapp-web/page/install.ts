import type { createFiles } from "./files.ts";
import type { createLookup } from "./lookup.ts";
import type { watchMessages } from "./message-events.ts";
import type { PageApi } from "./messages.ts";
import type { createNumbers } from "./numbers.ts";
import type { createOutlet } from "./outlet.ts";
import type { createSender } from "./sender.ts";
import type { watchState } from "./state-events.ts";
import type { Wpp } from "./wpp.ts";

/** What the page script is made of. */
export interface PageParts {
  readonly createFiles: typeof createFiles;
  readonly createNumbers: typeof createNumbers;
  readonly createSender: typeof createSender;
  readonly createLookup: typeof createLookup;
  readonly createOutlet: typeof createOutlet;
  readonly watchState: typeof watchState;
  readonly watchMessages: typeof watchMessages;
}

/** The globals of the page that the worker and the page script share. */
export interface PageGlobals {
  readonly WPP: Wpp;
  /** Exposed by the worker. */
  readonly pregoneroEvents: (batch: string) => Promise<unknown>;
  /** Set by the page script. */
  readonly pregonero?: PageApi;
}

/** Puts the parts together. Runs in the page, right after wa-js and before any script of WhatsApp. */
export function installInPage(parts: PageParts, page: PageGlobals): void {
  const wpp = page.WPP;
  const numbers = parts.createNumbers(wpp);
  const files = parts.createFiles(wpp);
  const sender = parts.createSender(wpp, numbers, files);
  const store = parts.createLookup(wpp, numbers, sender.inFlight);
  // Asked for at each call: the function is there before the page's scripts, but not before this one.
  const emit = parts.createOutlet((batch) => page.pregoneroEvents(batch));
  parts.watchState(wpp, emit);
  parts.watchMessages(wpp, emit, sender.begun);
  const api: PageApi = {
    clock: () => ({ timeOrigin: performance.timeOrigin, nowMs: performance.now() }),
    exists: (phone, checkMs) => numbers.exists(phone, checkMs),
    send: (request) => sender.send(request),
    lookup: (request) => store.lookup(request),
    requestPairingCode: (phone) => wpp.conn.startLinkDeviceCodeForPhoneNumber(phone),
    logout: () => wpp.conn.logout(),
    markRead: async (chatId) => {
      // The chat may be known under another name than the number's.
      const chat = await wpp.chat.find(chatId);
      await wpp.chat.markIsRead(chat.id.toString());
      return true;
    },
    addToFile: (name, base64) => files.add(name, base64),
    dropFile: (name) => files.drop(name),
    fetchFile: (key) => files.fetch(key),
    readFile: (name, from, length) => files.read(name, from, length),
  };
  Object.defineProperty(page, "pregonero", { value: api });
}
