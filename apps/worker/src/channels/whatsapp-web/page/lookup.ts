import type { LookupReport, LookupRequest } from "./messages.ts";
import type { Numbers } from "./numbers.ts";
import type { MsgModel, Wpp } from "./wpp.ts";

export interface Lookup {
  lookup(request: LookupRequest): Promise<LookupReport>;
}

/** Runs in the page (see page-script.ts: it can use nothing but its arguments and what a page has). */
export function createLookup(wpp: Wpp, numbers: Numbers, inFlight: ReadonlySet<string>): Lookup {
  type Answer = LookupReport[string];

  /** Own messages that are in memory, by bare id: finds them whatever their chat is called. */
  const inMemory = (ids: ReadonlySet<string>): Map<string, MsgModel> => {
    const found = new Map<string, MsgModel>();
    for (const message of wpp.whatsapp.MsgStore.getModelsArray()) {
      if (message.id.fromMe && ids.has(message.id.id)) found.set(message.id.id, message);
    }
    return found;
  };

  /** Reads the chat from disk. Only these two errors of wa-js mean that it is not there. */
  const inChat = async (chatId: string, id: string): Promise<Answer> => {
    try {
      return (await wpp.chat.getMessageById(`true_${chatId}_${id}`)).ack;
    } catch (error) {
      const code = typeof error === "object" && error !== null && "code" in error ? error.code : null;
      return code === "msg_not_found" || code === "chat_not_found" ? "not_found" : "dont_know";
    }
  };

  const onDisk = async (id: string, to: string, checkMs: number): Promise<Answer> => {
    const { chatIds, complete } = await numbers.chatsOf(to, checkMs);
    const answers: Answer[] = [];
    for (const chatId of chatIds) answers.push(await inChat(chatId, id));
    const ack = answers.find((answer) => typeof answer === "number");
    if (ack !== undefined) return ack;
    // Absence is proved only when every chat that it could be in was searched.
    return complete && answers.every((answer) => answer === "not_found") ? "not_found" : "dont_know";
  };

  const lookup = async ({ items, checkMs }: LookupRequest): Promise<LookupReport> => {
    const found = inMemory(new Set(items.map(({ id }) => id)));
    const { mode } = wpp.conn.getStreamData();
    // Logged out, or another page has the session: this store is not the one that the message went into.
    const isComplete = wpp.isFullReady && wpp.conn.isAuthenticated() && mode === "MAIN";
    const report: LookupReport = {};
    for (const { id, to } of items) {
      const ack = found.get(id)?.ack;
      if (ack !== undefined) report[id] = ack;
      else if (inFlight.has(id)) report[id] = "in_flight";
      else if (to === null || !isComplete) report[id] = "dont_know";
      else report[id] = await onDisk(id, to, checkMs);
      // Begun by a call that overtook us.
      if (report[id] === "not_found" && inFlight.has(id)) report[id] = "in_flight";
    }
    return report;
  };

  return { lookup };
}
