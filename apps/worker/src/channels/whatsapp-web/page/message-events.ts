import type { PageEvent } from "./messages.ts";
import type { MsgKey, MsgModel, Wid, Wpp } from "./wpp.ts";

/**
 * Tells of acks and of messages that come in. Both may be told more than once: the worker knows what it has heard.
 * Runs in the page (see page-script.ts: it can use nothing but its arguments and what a page has).
 */
export function watchMessages(wpp: Wpp, emit: (event: PageEvent) => void): void {
  const types = new Set([
    "chat",
    "image",
    "video",
    "document",
    "audio",
    "ptt",
    "sticker",
    "location",
    "vcard",
  ]);

  // By the bare id and not by the chat: a receipt may name the chat by its LID.
  const tellAck = (key: MsgKey, ack: number): void => {
    if (key.fromMe) emit({ kind: "ack", id: key.id, ack, atMs: Date.now() });
  };
  const senderOf = (chat: Wid): string => {
    if (chat.server !== "lid") return chat.user;
    // WhatsApp often knows which number a LID stands for.
    return wpp.whatsapp.lidPnCache?.getPhoneNumber(chat)?.user ?? `${chat.user}@lid`;
  };
  const tellInbound = (message: MsgModel): void => {
    const { id: key, type, body, caption } = message;
    // One's own messages come here as well, and so do groups, the status list, newsletters and notices of the system.
    // Of a message that is not decrypted yet ("ciphertext") the second event has the text.
    const isChat = key.remote.server === "c.us" || key.remote.server === "lid";
    if (key.fromMe || !isChat || !types.has(type)) return;
    const text = (type === "chat" ? body : caption) ?? "";
    emit({ kind: "inbound", id: key.id, from: senderOf(key.remote), text, atMs: message.t * 1_000 });
  };

  wpp.on("chat.msg_ack_change", ({ ack, ids }: { ack: number; ids: readonly MsgKey[] }) => {
    for (const key of ids) tellAck(key, ack);
  });
  // A failure (ack −1) never reaches `chat.msg_ack_change`; the store tells of it.
  wpp.loader.onInjected(() => {
    wpp.whatsapp.MsgStore.on("change:ack", (message, ack) => tellAck(message.id, ack));
  });
  wpp.on("chat.new_message", tellInbound);
}
