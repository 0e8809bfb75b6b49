/**
 * What the page keeps on disk, in IndexedDB: the link to the account and the messages. A message is written before it
 * goes to the network, so that whoever comes after a crash finds it. As little as can be is written for each message,
 * because this is what limits how fast a page can send.
 */

const asPromise = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

const finished = (transaction) =>
  new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error);
  });

function createStores(database) {
  database.createObjectStore("credential");
  const messages = database.createObjectStore("message", { keyPath: "id" });
  // Only messages that are still here have this property, so the index is the outbox.
  messages.createIndex("outbox", "waiting");
}

export class Database {
  #database;

  constructor(database) {
    this.#database = database;
  }

  static async open() {
    const request = indexedDB.open("model-storage", 1);
    request.onupgradeneeded = () => createStores(request.result);
    return new Database(await asPromise(request));
  }

  async credential() {
    return (await asPromise(this.#read("credential").get("session"))) ?? null;
  }

  async saveCredential(credential) {
    const transaction = this.#database.transaction("credential", "readwrite");
    transaction.objectStore("credential").put(credential, "session");
    await finished(transaction);
  }

  /** Forgets the link and everything that was said over it. */
  async clear() {
    const names = ["credential", "message"];
    const transaction = this.#database.transaction(names, "readwrite");
    for (const name of names) transaction.objectStore(name).clear();
    await finished(transaction);
  }

  /** A message's key names its chat, so there is no list of chats to be kept. */
  async chatIds() {
    const keys = await asPromise(this.#read("message").getAllKeys());
    return new Set(keys.map((key) => key.split("_")[1]));
  }

  /** The newest messages that came in, oldest first. */
  async received(limit) {
    const records = await asPromise(
      this.#read("message").getAll(IDBKeyRange.bound("false_", "false_\uffff")),
    );
    return records.sort((a, b) => a.t - b.t).slice(-limit);
  }

  message(id) {
    return asPromise(this.#read("message").get(id));
  }

  /** Messages with ack 0, oldest first. */
  async outbox() {
    const records = await asPromise(this.#read("message").index("outbox").getAll());
    return records.sort((a, b) => a.t - b.t);
  }

  /** Resolves when they would survive a crash of the page or the browser. */
  async putMessages(records) {
    const transaction = this.#database.transaction("message", "readwrite", { durability: "relaxed" });
    const store = transaction.objectStore("message");
    for (const record of records) store.put(record);
    transaction.commit();
    await finished(transaction);
  }

  /** Raises the acks of messages that are no longer in memory. */
  async raiseAcks(acks) {
    const transaction = this.#database.transaction("message", "readwrite", { durability: "relaxed" });
    const store = transaction.objectStore("message");
    for (const [id, ack] of acks) {
      store.get(id).onsuccess = ({ target }) => {
        if (target.result === undefined || ack <= target.result.ack) return;
        const { waiting: _sent, ...record } = target.result;
        store.put({ ...record, ack });
      };
    }
    await finished(transaction);
  }

  #read(name) {
    return this.#database.transaction(name, "readonly").objectStore(name);
  }
}
