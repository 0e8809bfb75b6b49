const firstRetryMs = 100;
const slowestRetryMs = 2_000;

/** The connection to the network. Comes back by itself when it breaks, unless it was told to rest. */
export class Line {
  #url;
  #handlers;
  #socket = null;
  #retryMs = firstRetryMs;
  #resting = false;
  #questions = new Map();
  #lastQuestion = 0;

  /** @param handlers `opened()`, `frame(frame)`, `lost()`; `lost` also after each vain try to connect */
  constructor(url, handlers) {
    this.#url = url;
    this.#handlers = handlers;
  }

  get isOpen() {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  connect() {
    this.#resting = false;
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    socket.addEventListener("open", () => this.#handlers.opened());
    socket.addEventListener("message", ({ data }) => {
      // What still comes over a line that was replaced is meant for nobody.
      if (socket === this.#socket) this.#receive(JSON.parse(data));
    });
    socket.addEventListener("close", () => this.#closed(socket));
  }

  /** Gives the connection up until `connect` is called. */
  rest() {
    this.#resting = true;
    this.#socket?.close();
  }

  /** The line works as it should: the next break is mended without delay. */
  settle() {
    this.#retryMs = firstRetryMs;
  }

  /** Whether it could be sent. */
  send(frame) {
    if (!this.isOpen) return false;
    this.#socket.send(JSON.stringify(frame));
    return true;
  }

  /** Resolves with the network's answer, rejects with its error or when the line is down. */
  ask(frame) {
    this.#lastQuestion += 1;
    const n = this.#lastQuestion;
    return new Promise((resolve, reject) => {
      if (!this.send({ ...frame, n })) reject(new Error("network"));
      else this.#questions.set(n, { resolve, reject });
    });
  }

  #receive(frame) {
    if (frame.t !== "answer") {
      this.#handlers.frame(frame);
      return;
    }
    const question = this.#questions.get(frame.n);
    this.#questions.delete(frame.n);
    if (frame.error === undefined) question?.resolve(frame.value);
    else question?.reject(new Error(frame.error));
  }

  #closed(socket) {
    if (socket !== this.#socket) return;
    this.#socket = null;
    for (const { reject } of this.#questions.values()) reject(new Error("network"));
    this.#questions.clear();
    this.#handlers.lost();
    if (this.#resting) return;
    setTimeout(() => {
      if (!this.#resting && this.#socket === null) this.connect();
    }, this.#retryMs);
    this.#retryMs = Math.min(this.#retryMs * 2, slowestRetryMs);
  }
}
