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
  const sender = parts.createSender(wpp, numbers);
  const store = parts.createLookup(wpp, numbers, sender.inFlight);
  // Asked for at each call: the function is there before the page's scripts, but not before this one.
  const emit = parts.createOutlet((batch) => page.pregoneroEvents(batch));
  parts.watchState(wpp, emit);
  parts.watchMessages(wpp, emit);
  const api: PageApi = {
    clock: () => ({ timeOrigin: performance.timeOrigin, nowMs: performance.now() }),
    exists: (phone, checkMs) => numbers.exists(phone, checkMs),
    send: (request) => sender.send(request),
    lookup: (request) => store.lookup(request),
    requestPairingCode: (phone) => wpp.conn.startLinkDeviceCodeForPhoneNumber(phone),
    logout: () => wpp.conn.logout(),
  };
  Object.defineProperty(page, "pregonero", { value: api });
}
