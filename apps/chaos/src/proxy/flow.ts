import type { Socket } from "node:net";

interface Waiting {
  readonly chunk: Buffer;
  readonly dueMs: number;
}

/** One direction of a connection: passes bytes on at once, late, or not until it is let go. Order is kept. */
export class Flow {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #waiting: Waiting[] = [];
  #held = false;
  #ended = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(from: Socket, to: Socket) {
    this.#from = from;
    this.#to = to;
    to.on("drain", () => from.resume());
  }

  push(chunk: Buffer, delayMs: number): void {
    if (!this.#held && delayMs === 0 && this.#waiting.length === 0) this.#write(chunk);
    else {
      this.#waiting.push({ chunk, dueMs: performance.now() + delayMs });
      this.#pump();
    }
  }

  /** The sender has no more to say. */
  end(): void {
    this.#ended = true;
    this.#pump();
  }

  /** Keeps what comes from now on until `release`. */
  hold(): void {
    this.#held = true;
  }

  release(): void {
    this.#held = false;
    this.#pump();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#waiting.length = 0;
  }

  #pump(): void {
    clearTimeout(this.#timer);
    if (this.#held) return;
    const nowMs = performance.now();
    while (this.#waiting[0] && this.#waiting[0].dueMs <= nowMs) {
      const next = this.#waiting.shift();
      if (next) this.#write(next.chunk);
    }
    const next = this.#waiting[0];
    if (next) this.#timer = setTimeout(() => this.#pump(), Math.max(1, next.dueMs - nowMs));
    else if (this.#ended && !this.#to.writableEnded) this.#to.end();
  }

  #write(chunk: Buffer): void {
    if (this.#to.writable && !this.#to.write(chunk)) this.#from.pause();
  }
}
