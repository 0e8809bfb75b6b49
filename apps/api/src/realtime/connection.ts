import { randomUUID } from "node:crypto";
import { once } from "node:events";
import type { Duplex } from "node:stream";
import { monotonicMs } from "@pregonero/runtime";
import { realtimeCloseCode } from "@pregonero/contracts";
import type { RawData, WebSocket } from "ws";
import type { RealtimeOptions } from "./options.ts";
import type { RealtimeMetrics } from "./realtime-metrics.ts";
import { TokenBucket } from "./token-bucket.ts";
import { deflated, outgoing, type Outgoing } from "./wire.ts";

// A client that has stopped reading never sees the close frame: it is cut off after that.
const closeGraceMs = 5_000;

/** What waits for a client when it counts as having read all. */
const drainedBelowBytes = 64 * 1024;

export interface Carrier {
  readonly socket: WebSocket;
  /** The stream that carries it: prepared frames go there directly. */
  readonly raw: Duplex;
  /** Compressed frames are understood. */
  readonly deflates: boolean;
}

/** A socket with its limits. Knows frames as bytes and texts, not what they say. */
export class Connection {
  readonly id = randomUUID();
  readonly openedAt = new Date();
  readonly counts = { framesIn: 0, framesOut: 0, bytesOut: 0, framesDropped: 0 };
  readonly #socket: WebSocket;
  readonly #raw: Duplex;
  readonly #options: RealtimeOptions;
  readonly #metrics: RealtimeMetrics;
  readonly #inbound: TokenBucket;
  readonly #deflates: boolean;
  /** By topic: the newest of what a slow client could not be given. */
  readonly #conflated = new Map<string, Outgoing>();
  #alive = true;
  #cutOff: NodeJS.Timeout | undefined;
  #receive: ((text: string | undefined) => void) | undefined;
  /** Frames that came while nobody received: `pause` does not hold back the rest of a packet. */
  readonly #unread: (string | undefined)[] = [];

  constructor({ socket, raw, deflates }: Carrier, options: RealtimeOptions, metrics: RealtimeMetrics) {
    this.#socket = socket;
    this.#raw = raw;
    this.#options = options;
    this.#metrics = metrics;
    this.#deflates = deflates;
    this.#inbound = new TokenBucket(options.inboundPerSecond, options.inboundBurst, monotonicMs());
    socket.on("message", (data, isBinary) => this.#received(data, isBinary));
    for (const sign of ["ping", "pong"] as const) socket.on(sign, () => this.#stirred());
    // Broken frames: ws closes with the right code by itself; without a listener it would end the process.
    socket.on("error", () => undefined);
    raw.on("drain", () => this.#flush());
  }

  get open(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }

  /** Bytes that the client has not taken yet. */
  get waitingBytes(): number {
    return this.#raw.writableLength;
  }

  /** Resolves when little waits for the client, or it has gone. */
  async drained(): Promise<void> {
    const gone = new AbortController();
    const leave = (): void => gone.abort();
    this.#socket.once("close", leave);
    while (this.open && !gone.signal.aborted && this.waitingBytes > drainedBelowBytes) {
      await once(this.#raw, "drain", { signal: gone.signal }).catch(() => undefined);
    }
    this.#socket.off("close", leave);
  }

  /** `receive` gets the text of each frame, undefined for a binary one, until `stopReceiving`. */
  onFrame(receive: (text: string | undefined) => void): void {
    this.#receive = receive;
    while (this.#unread.length > 0 && this.#receive) this.#receive(this.#unread.shift());
  }

  /** Frames wait for the next receiver. */
  stopReceiving(): void {
    this.#receive = undefined;
    this.#socket.pause();
  }

  onClose(listener: () => void): void {
    this.#socket.on("close", (code: number) => {
      clearTimeout(this.#cutOff);
      this.#conflated.clear();
      this.#metrics.closes.inc({ code: String(code) });
      listener();
    });
  }

  /** Reads on after `stopReceiving`, also to notice that the client has gone. */
  resume(): void {
    this.#socket.resume();
  }

  sendJson(frame: object): void {
    this.send(outgoing([JSON.stringify(frame)]));
  }

  /** Sends prepared frames; what may be conflated is, when the client reads too slowly. */
  send(out: Outgoing): void {
    if (!this.open) return;
    const waiting = this.#raw.writableLength;
    if (waiting > this.#options.closeAboveBytes) {
      this.#dropped(out.frames);
      this.close(realtimeCloseCode.slowConsumer, "slow consumer, reconnect");
      return;
    }
    if (waiting > this.#options.conflateAboveBytes && out.conflatable) {
      const { topic, lasting, newest } = out.conflatable;
      this.#dropped(out.frames - (lasting?.frames ?? 0) - (newest?.frames ?? 0));
      if (lasting) this.#flush();
      if (lasting) this.#write(lasting);
      if (newest) this.#conflate(topic, newest);
      return;
    }
    this.#flush();
    this.#write(out);
  }

  /** Asks for a sign of life; without one since the last time the connection is dead and is cut. */
  heartbeat(): void {
    if (!this.#alive) {
      this.#socket.terminate();
      return;
    }
    this.#alive = false;
    if (this.open) this.#socket.ping();
  }

  close(code: number, reason: string): void {
    if (!this.open) return;
    this.#socket.close(code, reason);
    this.#cutOff = setTimeout(() => this.#socket.terminate(), closeGraceMs);
  }

  terminate(): void {
    this.#socket.terminate();
  }

  #conflate(topic: string, newest: Outgoing): void {
    const outdated = this.#conflated.get(topic);
    if (outdated) this.#dropped(outdated.frames);
    this.#conflated.set(topic, newest);
  }

  #flush(): void {
    if (this.#conflated.size === 0 || !this.open) return;
    const held = [...this.#conflated.values()];
    this.#conflated.clear();
    for (const out of held) this.#write(out);
  }

  #write(out: Outgoing): void {
    const bytes = this.#deflates ? deflated(out, this.#options.compressAboveBytes) : out.bytes;
    this.#metrics.framesOut.inc(out.frames);
    this.counts.framesOut += out.frames;
    this.counts.bytesOut += bytes.length;
    this.#raw.write(bytes);
  }

  #dropped(frames: number): void {
    this.#metrics.framesDropped.inc(frames);
    this.counts.framesDropped += frames;
  }

  #received(data: RawData, isBinary: boolean): void {
    if (!this.#stirred()) return;
    this.#metrics.framesIn.inc();
    this.counts.framesIn += 1;
    const text = isBinary ? undefined : textOf(data);
    if (this.#receive) this.#receive(text);
    else this.#unread.push(text);
  }

  /** @returns false when the client sends too much and is being sent away */
  #stirred(): boolean {
    this.#alive = true;
    if (!this.open) return false;
    if (this.#inbound.take(monotonicMs())) return true;
    this.close(realtimeCloseCode.tooManyFrames, "too many frames");
    return false;
  }
}

function textOf(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString("utf8");
  return Buffer.from(data instanceof ArrayBuffer ? new Uint8Array(data) : data).toString("utf8");
}
