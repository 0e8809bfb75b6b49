import { load } from "./loader.js";
import { MsgModel } from "./models.js";
import { MsgKey } from "./msg-key.js";
import { Wid } from "./wid.js";

/** How long a message that comes twice shows as not decrypted. */
const decryptMs = 20;

/** The words of a message, or its file with the words as a caption. */
function contentOf(text, file, fileType) {
  if (file === null) return { type: "chat", body: text };
  const { id: fileId, content_type: mimetype, filename, bytes: size } = file;
  const caption = text === "" ? {} : { caption: text };
  return {
    type: fileType,
    body: "",
    mimetype,
    size,
    fileId,
    ...(filename === null ? {} : { filename }),
    ...caption,
  };
}

/** What comes in: messages of others, and receipts for one's own. */
export class Inbox {
  #parts;

  /** @param parts database, stores, outbox, lids, session, line */
  constructor(parts) {
    this.#parts = parts;
  }

  async message({ n, id, from, phone, text, at, twice, file, fileType, own, name }) {
    const { stores, lids, session, database, line } = this.#parts;
    const remote = new Wid(from);
    if (phone !== null && remote.isLid()) lids.learn(phone, remote.user);
    const key = new MsgKey({ fromMe: own, remote, id });
    // Told again because the confirmation was lost.
    if (stores.msgs.get(key) !== undefined) {
      line.send({ t: "got", ns: [n] });
      return;
    }
    const content = contentOf(text, file, fileType);
    const msg = new MsgModel({
      id: key,
      from: own ? session.me.phone : remote,
      to: own ? remote : session.me.phone,
      t: at,
      ack: 1,
      isNewMsg: true,
      ...(name === null ? {} : { notifyName: name }),
      ...(twice ? { type: "ciphertext" } : content),
    });
    stores.contact(remote, { pushname: from.split("@")[0], type: "in", isBusiness: false });
    const chat = stores.chat(remote);
    stores.add(msg);
    if (own) chat.set({ t: at });
    else chat.set({ t: at, unreadCount: chat.unreadCount + 1, lastReceivedKey: key });
    // The body is there before the change of type tells of it.
    if (twice) {
      setTimeout(() => {
        const { type, ...rest } = content;
        msg.set(rest);
        msg.set({ type });
      }, decryptMs);
    }
    const [sender, recipient] = own ? [String(session.me.phone), from] : [from, String(session.me.phone)];
    const record = { id: String(key), stanza: id, from: sender, to: recipient, t: at, ack: 1 };
    if (name !== null) record.notifyName = name;
    await database.putMessages([{ ...record, ...content }]);
    line.send({ t: "got", ns: [n] });
  }

  receipt({ n, messageId, chat, phone, ack, at }) {
    const remote = new Wid(chat);
    if (phone !== null && remote.isLid()) this.#parts.lids.learn(phone, remote.user);
    if (ack === 1) {
      this.#parts.outbox.raiseAck(this.ownKey(messageId, remote), ack);
      this.#parts.outbox.confirmLater(n);
      return;
    }
    // Through the module's exports, where wa-js listens in.
    load("WAWebHandleChatSimpleReceipt").handleChatSimpleReceipt({
      type: "receipt",
      stanzaId: messageId,
      externalIds: [messageId],
      from: remote,
      participant: null,
      recipient: null,
      ts: at,
      ack,
      ackString: ack === 3 ? "read" : "delivery",
      offline: null,
    });
    this.#parts.outbox.confirmLater(n);
  }

  /** The key under which an own message is kept: a receipt may name the chat by its other name. */
  ownKey(id, remote) {
    const { stores, lids } = this.#parts;
    const key = new MsgKey({ fromMe: true, remote, id });
    const other = lids.other(remote);
    if (other === undefined || stores.msgs.get(key) !== undefined) return key;
    const otherKey = new MsgKey({ fromMe: true, remote: other, id });
    return stores.chats.get(remote) === undefined || stores.msgs.get(otherKey) !== undefined ? otherKey : key;
  }
}
