import type { PageEvent } from "./messages.ts";
import type { MsgKey, MsgModel, Wid, Wpp } from "./wpp.ts";

/**
 * Tells of acks, of messages that come in, and of own ones that somebody typed on the phone. All may be told more than
 * once: the worker knows what it has heard, and the database what is stored.
 * Runs in the page (see page-script.ts: it can use nothing but its arguments and what a page has).
 *
 * @param begun ids of own messages that the worker sends itself
 */
export function watchMessages(wpp: Wpp, emit: (event: PageEvent) => void, begun: ReadonlySet<string>): void {
  const missedSinceS = 24 * 60 * 60;
  const missedLimit = 2_000;
  const types = new Map([
    ["chat", "text"],
    ["image", "image"],
    ["video", "video"],
    ["document", "document"],
    ["audio", "audio"],
    ["ptt", "audio"],
    ["sticker", "sticker"],
    ["location", "location"],
    ["vcard", "contacts"],
  ]);
  const files = new Set(["image", "video", "document", "audio", "sticker"]);

  // By the bare id and not by the chat: a receipt may name the chat by its LID.
  const tellAck = (key: MsgKey, ack: number): void => {
    if (key.fromMe) emit({ kind: "ack", id: key.id, ack, atMs: Date.now() });
  };
  /** The number, and what WhatsApp calls it when it hides it. */
  const nameOf = (chat: Wid): { from: string; hidden: string | null } => {
    if (chat.server !== "lid") return { from: chat.user, hidden: null };
    const hidden = `${chat.user}@lid`;
    // WhatsApp often knows which number a LID stands for.
    const known = wpp.whatsapp.lidPnCache?.getPhoneNumber(chat)?.user;
    return known === undefined ? { from: hidden, hidden: null } : { from: known, hidden };
  };
  const tellMessage = (message: MsgModel): void => {
    const { id: key, body, caption } = message;
    // Groups, the status list, newsletters and notices of the system come here as well.
    // Of a message that is not decrypted yet ("ciphertext") the second event has the text.
    const isChat = key.remote.server === "c.us" || key.remote.server === "lid";
    const type = types.get(message.type);
    if (!isChat || type === undefined || (key.fromMe && begun.has(key.id))) return;
    const { mimetype, filename, size } = message;
    emit({
      kind: "inbound",
      id: key.id,
      ...nameOf(key.remote),
      name: key.fromMe ? null : (message.notifyName ?? null),
      type,
      text: (type === "text" ? body : caption) ?? null,
      atMs: message.t * 1_000,
      own: key.fromMe,
      media: files.has(type)
        ? {
            key: String(key),
            contentType: mimetype ?? "application/octet-stream",
            filename: filename ?? null,
            bytes: size ?? null,
          }
        : null,
    });
  };

  // What WhatsApp worked through before anybody listened (while the worker was away) shows in the store only.
  const tellMissed = (): void => {
    const since = Date.now() / 1_000 - missedSinceS;
    const recent = wpp.whatsapp.MsgStore.getModelsArray().filter(({ t }) => t > since);
    const own = recent.filter(({ id, ack }) => id.fromMe && ack > 0);
    for (const { id, ack } of own.slice(-missedLimit)) tellAck(id, ack);
    for (const message of recent.filter(({ id }) => !id.fromMe).slice(-missedLimit)) tellMessage(message);
  };

  wpp.on("chat.msg_ack_change", ({ ack, ids }: { ack: number; ids: readonly MsgKey[] }) => {
    for (const key of ids) tellAck(key, ack);
  });
  // A failure (ack −1) never reaches `chat.msg_ack_change`; the store tells of it.
  wpp.loader.onInjected(() => {
    wpp.whatsapp.MsgStore.on("change:ack", (message, ack) => tellAck(message.id, ack));
  });
  wpp.on("chat.new_message", tellMessage);
  wpp.on("loader.full_ready", () => setTimeout(tellMissed));
}
