import {
  ChatCollection,
  ChatModel,
  ChatMsgsCollection,
  ContactCollection,
  ContactModel,
  GroupMetadataCollection,
  MsgCollection,
  MsgInfoCollection,
  MsgModel,
} from "./models.js";
import { MsgKey } from "./msg-key.js";
import { Wid } from "./wid.js";

/** Older messages are on disk only: a page that sends all day must not grow all day. */
const messagesInMemory = 4_000;
/** Of those that came in, so many are read into memory when the page is opened. */
const recentLimit = 200;

/** What the page shows: chats, contacts and the newest messages. The rest is read from disk when it is asked for. */
export class Stores {
  msgs = new MsgCollection();
  chats = new ChatCollection();
  contacts = new ContactCollection();
  msgInfos = new MsgInfoCollection();
  groups = new GroupMetadataCollection();
  #database;

  constructor(database) {
    this.#database = database;
  }

  async loadChats() {
    for (const id of await this.#database.chatIds()) this.chat(new Wid(id));
  }

  /** What came in lately, as WhatsApp keeps it at hand over a restart of the page. */
  async loadRecent() {
    for (const record of await this.#database.received(recentLimit)) this.add(this.revive(record));
  }

  chat(wid) {
    return this.chats.get(wid) ?? this.chats.add(new ChatModel({ id: wid, unreadCount: 0, t: 0 }));
  }

  contact(wid, attributes) {
    return this.contacts.get(wid) ?? this.contacts.add(new ContactModel({ id: wid, ...attributes }));
  }

  /** Shows a message; listeners hear of it before this returns. */
  add(msg) {
    const shown = this.msgs.add(msg);
    this.chat(msg.id.remote).msgs.add(shown);
    while (this.msgs.length > messagesInMemory) this.#forget(this.msgs.head());
    return shown;
  }

  /** A message as it was written to disk. */
  revive(record) {
    const { id, from, to } = record;
    return new MsgModel({
      ...record,
      id: MsgKey.fromString(id),
      from: new Wid(from),
      to: new Wid(to),
      isNewMsg: false,
    });
  }

  /** Messages around a key, read from disk: wa-js awaits `loadAroundPromise` and looks again. */
  searchContext(chat, key) {
    const collection = new ChatMsgsCollection();
    collection.loadAroundPromise = this.#database.message(String(key)).then((record) => {
      if (record !== undefined) collection.add(this.add(this.revive(record)));
    });
    return { collection, key, highlightMsg: true };
  }

  reset() {
    for (const store of [this.msgs, this.chats, this.contacts]) store.reset();
  }

  #forget(msg) {
    this.msgs.remove(msg);
    this.chats.get(msg.id.remote)?.msgs.remove(msg);
  }
}
