/**
 * What the page keeps on disk, in IndexedDB: the link to the account, the chats and the messages. A message is written
 * before it goes to the network, so that whoever comes after a crash finds it.
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
  database.createObjectStore("chat", { keyPath: "id" });
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
    const names = ["credential", "chat", "message"];
    const transaction = this.#database.transaction(names, "readwrite");
    for (const name of names) transaction.objectStore(name).clear();
    await finished(transaction);
  }

  chatIds() {
    return asPromise(this.#read("chat").getAllKeys());
  }

  message(id) {
    return asPromise(this.#read("message").get(id));
  }

  /** Messages with ack 0, oldest first. */
  async outbox() {
    const records = await asPromise(this.#read("message").index("outbox").getAll());
    return records.sort((a, b) => a.t - b.t);
  }

  /** Resolves when it would survive a crash of the page or the browser. */
  async putMessage(record, chat) {
    const transaction = this.#database.transaction(chat ? ["message", "chat"] : ["message"], "readwrite", {
      durability: "relaxed",
    });
    transaction.objectStore("message").put(record);
    if (chat) transaction.objectStore("chat").put(chat);
    await finished(transaction);
  }

  /** Raises acks, never lowers one, except to −1 while the message is still here. */
  async putAcks(acks) {
    const transaction = this.#database.transaction(["message"], "readwrite", { durability: "relaxed" });
    const store = transaction.objectStore("message");
    for (const [id, ack] of acks) {
      store.get(id).onsuccess = ({ target }) => {
        const { waiting, ...record } = target.result ?? {};
        if (record.id === undefined) return;
        if (ack > record.ack || (ack < 0 && waiting === 1)) store.put({ ...record, ack });
      };
    }
    await finished(transaction);
  }

  #read(name) {
    return this.#database.transaction(name, "readonly").objectStore(name);
  }
}
