import type { PageEvent } from "./messages.ts";
import type { MsgKey, MsgModel, Wid, Wpp } from "./wpp.ts";

/**
 * Tells of acks and of messages that come in. Both may be told more than once: the worker knows what it has heard.
 * Runs in the page (see page-script.ts: it can use nothing but its arguments and what a page has).
 */
export function watchMessages(wpp: Wpp, emit: (event: PageEvent) => void): void {
  const missedSinceS = 24 * 60 * 60;
  const missedLimit = 2_000;
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

  // Receipts that WhatsApp worked through before anybody listened (those that came while the worker was away) show in
  // the store only.
  const tellMissed = (): void => {
    const since = Date.now() / 1_000 - missedSinceS;
    const own = wpp.whatsapp.MsgStore.getModelsArray().filter(
      ({ id, ack, t }) => id.fromMe && ack > 0 && t > since,
    );
    for (const { id, ack } of own.slice(-missedLimit)) tellAck(id, ack);
  };

  wpp.on("chat.msg_ack_change", ({ ack, ids }: { ack: number; ids: readonly MsgKey[] }) => {
    for (const key of ids) tellAck(key, ack);
  });
  // A failure (ack −1) never reaches `chat.msg_ack_change`; the store tells of it.
  wpp.loader.onInjected(() => {
    wpp.whatsapp.MsgStore.on("change:ack", (message, ack) => tellAck(message.id, ack));
  });
  wpp.on("chat.new_message", tellInbound);
  wpp.on("loader.full_ready", () => setTimeout(tellMissed));
}
