import { load } from "./loader.js";
import { MsgModel } from "./models.js";
import { MsgKey } from "./msg-key.js";
import { Wid } from "./wid.js";

/** How long a message that comes twice shows as not decrypted. */
const decryptMs = 20;

/** What comes in: messages of others, and receipts for one's own. */
export class Inbox {
  #parts;

  /** @param parts database, stores, outbox, lids, session, line */
  constructor(parts) {
    this.#parts = parts;
  }

  async message({ n, id, from, phone, text, at, twice }) {
    const { stores, lids, session, database, line } = this.#parts;
    const remote = new Wid(from);
    if (phone !== null && remote.isLid()) lids.learn(phone, remote.user);
    const key = new MsgKey({ fromMe: false, remote, id });
    // Told again because the confirmation was lost.
    if (stores.msgs.get(key) !== undefined) {
      line.send({ t: "got", ns: [n] });
      return;
    }
    const content = { type: "chat", body: text };
    const msg = new MsgModel({
      id: key,
      from: remote,
      to: session.me.phone,
      t: at,
      ack: 1,
      isNewMsg: true,
      ...(twice ? { type: "ciphertext" } : content),
    });
    stores.contact(remote, { pushname: from.split("@")[0], type: "in", isBusiness: false });
    const chat = stores.chat(remote);
    stores.add(msg);
    chat.set({ t: at, unreadCount: chat.unreadCount + 1, lastReceivedKey: key });
    // The body is there before the change of type tells of it.
    if (twice) setTimeout(() => msg.set({ body: content.body, type: content.type }), decryptMs);
    const record = { id: String(key), stanza: id, from, to: String(session.me.phone), t: at, ack: 1 };
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
