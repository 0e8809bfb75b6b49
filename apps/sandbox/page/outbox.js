import { ACK, MsgModel } from "./models.js";

const unixTime = () => Math.floor(Date.now() / 1000);

/**
 * How long acks are gathered before they are written to disk. Nothing is lost by it: a message whose first ack did not
 * get there is sent again and recognised by its id, and receipts are told again until they are confirmed.
 */
const ackWriteMs = 250;

/** What is written to disk of a message. `waiting` puts it in the outbox. */
function recordOf(msg) {
  const { id, from, to, body, caption, filename, type, t, fileId, mimetype, size } = msg.attributes;
  const record = { id: String(id), stanza: id.id, from: String(from), to: String(to), body, type, t };
  if (caption !== undefined) record.caption = caption;
  if (filename !== undefined) record.filename = filename;
  if (fileId !== undefined) Object.assign(record, { fileId, mimetype, size });
  return { ...record, ack: msg.ack, ...(msg.ack === ACK.CLOCK ? { waiting: 1 } : {}) };
}

const textOf = (message) => message.body ?? message.caption ?? message.filename ?? "";

const fileOf = ({ fileId, type }) => (fileId === undefined ? {} : { file: { id: fileId, type } });

/** Own messages on their way: first to disk, then to the network, and again after each new connection. */
export class Outbox {
  #database;
  #stores;
  #line;
  /** Sends whose caller is still waiting, by the bare id. */
  #callers = new Map();
  #acks = new Map();
  /** Receipts that the network keeps until it hears that they are on disk. */
  #unconfirmed = [];

  constructor(database, stores, line) {
    this.#database = database;
    this.#stores = stores;
    this.#line = line;
  }

  /**
   * Shows the message and sends it.
   * @returns a pair of promises: the message once it is on disk, and the result once the network has answered.
   *   The second one resolves also when the send failed, and never when no answer comes.
   */
  add(chat, raw) {
    const msg = new MsgModel(raw);
    const result = new Promise((resolve) => {
      this.#callers.set(msg.id.id, resolve);
    });
    return [this.#accept(chat, msg), result];
  }

  /** Everything that is still here goes out again. The network knows by the id what it has already got. */
  async resend() {
    for (const record of await this.#database.outbox()) {
      if (this.#stores.msgs.get(record.id) === undefined) this.#stores.add(this.#stores.revive(record));
      this.#line.send({
        t: "send",
        id: record.stanza,
        to: record.to,
        text: textOf(record),
        ...fileOf(record),
      });
    }
  }

  /** The network's answer to a send. */
  async answered({ id, result, keeps }, key) {
    if (result === "OK") this.raiseAck(key, ACK.SENT);
    else if (keeps === "failed") {
      await this.#fail(key);
    }
    this.#callers.get(id)?.({ messageSendResult: result, t: unixTime(), count: null });
    this.#callers.delete(id);
  }

  raiseAck(key, ack) {
    this.#stores.msgs.get(key)?.updateAck(ack);
    if (this.#acks.size === 0) setTimeout(() => void this.#writeAcks(), ackWriteMs);
    this.#acks.set(String(key), Math.max(ack, this.#acks.get(String(key)) ?? 0));
  }

  /** To be called after `raiseAck`: tells the network when that is on disk. */
  confirmLater(n) {
    this.#unconfirmed.push(n);
  }

  reset() {
    this.#callers.clear();
    this.#acks.clear();
  }

  async #accept(chat, msg) {
    // A tick later, as in WhatsApp: callers add their listeners after the call.
    await Promise.resolve();
    const shown = this.#stores.add(msg);
    if (shown !== msg && shown.ack < ACK.CLOCK) shown.set("ack", ACK.CLOCK);
    chat.set("t", msg.t);
    await this.#database.putMessages([recordOf(shown)]);
    const text = textOf(msg.attributes);
    this.#line.send({ t: "send", id: msg.id.id, to: String(chat.id), text, ...fileOf(msg.attributes) });
    return shown;
  }

  /** On disk before anybody hears of it: a message that is said to have failed must never go out later. */
  async #fail(key) {
    const msg = this.#stores.msgs.get(key);
    if (msg === undefined || msg.ack !== ACK.CLOCK) return;
    const { waiting: _waiting, ...record } = recordOf(msg);
    await this.#database.putMessages([{ ...record, ack: ACK.FAILED }]);
    msg.updateAck(ACK.FAILED);
  }

  async #writeAcks() {
    const acks = [...this.#acks];
    const ns = this.#unconfirmed.splice(0);
    this.#acks.clear();
    const shown = acks.map(([id]) => this.#stores.msgs.get(id)).filter((msg) => msg !== undefined);
    const forgotten = acks.filter(([id]) => this.#stores.msgs.get(id) === undefined);
    await this.#database.putMessages(shown.map(recordOf));
    if (forgotten.length > 0) await this.#database.raiseAcks(forgotten);
    if (ns.length > 0) this.#line.send({ t: "got", ns });
  }
}
