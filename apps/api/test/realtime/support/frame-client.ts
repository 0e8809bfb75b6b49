import { WebSocket, type ClientOptions } from "ws";

export interface Frame {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** A client as a stranger would write it: collects every frame in the order of arrival. */
export class FrameClient {
  readonly frames: Frame[] = [];
  readonly socket: WebSocket;
  readonly closed: Promise<{ code: number; reason: string }>;
  readonly #changed = new Set<() => void>();

  constructor(url: string, options: ClientOptions & { protocols?: string[] } = {}) {
    const { protocols, ...rest } = options;
    this.socket = new WebSocket(url, protocols ?? [], rest);
    this.socket.on("message", (data, isBinary) => {
      if (isBinary || !Buffer.isBuffer(data)) throw new Error("expected a text frame");
      const frame: Frame = JSON.parse(data.toString("utf8"));
      this.frames.push(frame);
      for (const look of this.#changed) look();
    });
    this.closed = new Promise((resolve) => {
      this.socket.on("close", (code, reason) => resolve({ code, reason: reason.toString() }));
    });
    this.socket.on("error", () => undefined);
  }

  send(frame: unknown): void {
    this.socket.send(typeof frame === "string" ? frame : JSON.stringify(frame));
  }

  of(type: string): Frame[] {
    return this.frames.filter((frame) => frame.type === type);
  }

  get types(): string[] {
    return this.frames.map((frame) => frame.type);
  }

  /** The first frame that fits, past ones included. */
  until(fits: (frame: Frame) => boolean, timeoutMs = 10_000): Promise<Frame> {
    // Each frame is looked at once, however many come.
    let looked = 0;
    return this.untilAll((frames) => {
      const found = frames.slice(looked).find(fits);
      looked = frames.length;
      return found;
    }, timeoutMs);
  }

  type(type: string, timeoutMs?: number): Promise<Frame> {
    return this.until((frame) => frame.type === type, timeoutMs);
  }

  untilAll<T>(pick: (frames: readonly Frame[]) => T | undefined, timeoutMs = 10_000): Promise<T> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#changed.delete(look);
        reject(
          new Error(`no such frame within ${timeoutMs} ms; got ${JSON.stringify(this.frames.slice(-20))}`),
        );
      }, timeoutMs);
      const look = (): void => {
        const picked = pick(this.frames);
        if (picked === undefined) return;
        clearTimeout(timer);
        this.#changed.delete(look);
        resolve(picked);
      };
      this.#changed.add(look);
      look();
    });
  }

  /** Resolves when the server has handled all that was sent before. */
  async sync(): Promise<void> {
    const timestamp = `sync-${Math.random()}`;
    this.send({ type: "ping", timestamp });
    await this.until((frame) => frame.type === "pong" && frame["timestamp"] === timestamp);
  }

  close(): void {
    this.socket.terminate();
  }
}
