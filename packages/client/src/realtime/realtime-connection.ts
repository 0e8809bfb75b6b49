import type { BulkClientFrame, ConnectionFrame, JobFrame } from "@pregonero/contracts";
import { tokenFrom, type TokenSource } from "../http/http.ts";
import { reconnectDelayMs } from "./backoff.ts";
import { isConnectionFrame, isJobFrame, parseFrame } from "./frames.ts";
import type { WebSocketConstructor, WebSocketLike } from "./web-socket.ts";

export type RealtimeState = "disconnected" | "connecting" | "connected" | "error";

export interface RealtimeOptions {
  /** `ws://…/ws` or `wss://…/ws`. */
  readonly url: string;
  readonly token: TokenSource | undefined;
  /** Undefined where there is none (Node 20 and nothing injected): the state is `error` then. */
  readonly WebSocket: WebSocketConstructor | undefined;
  readonly random?: () => number;
}

export interface JobListener {
  /** After a loss the present state comes again, as for whoever comes late. */
  frame(frame: JobFrame): void;
  /** The server has no such job, or will not let it be followed here. */
  refused?(error: string, code: string): void;
}

/** A server that is silent for so long, though it is asked to answer every so often, is gone. */
const silenceMs = 60_000;
const pingMs = 25_000;

/** What a subprotocol may be made of (RFC 9110 token). */
const tokenCharacters = /^[\w!#$%&'*+.^`|~-]+$/;

/** After this code the same credentials will not do either: no further attempt is made. */
const unauthenticated = 4401;

/**
 * One connection to `/ws` that stays: comes back by itself with growing pauses and subscribes again to all that it was
 * subscribed to. States: `connecting` (an attempt is made), `connected`, `disconnected` (closed, or just lost and about to
 * come back), `error` (the attempt failed and the next one waits; after wrong credentials there is none).
 */
export class RealtimeConnection {
  readonly #options: RealtimeOptions;
  readonly #jobs = new Map<string, Set<JobListener>>();
  readonly #stateListeners = new Set<(state: RealtimeState) => void>();
  readonly #frameListeners = new Set<(frame: JobFrame) => void>();
  #state: RealtimeState = "disconnected";
  #socket: WebSocketLike | undefined;
  /** The attempt whose socket is listened to: what others still have to say is ignored. */
  #current: object | undefined;
  #wanted = false;
  #attempt = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #pinging: ReturnType<typeof setInterval> | undefined;
  #heardMs = 0;

  constructor(options: RealtimeOptions) {
    this.#options = options;
  }

  get state(): RealtimeState {
    return this.#state;
  }

  /** Whether a connection can be had at all here. */
  get possible(): boolean {
    return this.#options.WebSocket !== undefined;
  }

  /** @returns a function that ends it */
  onState(listener: (state: RealtimeState) => void): () => void {
    this.#stateListeners.add(listener);
    return () => void this.#stateListeners.delete(listener);
  }

  /** Every frame about a job, of subscriptions and of jobs that are created. @returns a function that ends it */
  onFrame(listener: (frame: JobFrame) => void): () => void {
    this.#frameListeners.add(listener);
    return () => void this.#frameListeners.delete(listener);
  }

  /** Follows a job for as long as the connection is wanted, over losses. @returns a function that ends it */
  subscribe(jobId: string, listener: JobListener): () => void {
    const key = jobId.toLowerCase();
    const listeners = this.#jobs.get(key) ?? new Set();
    this.#jobs.set(key, listeners);
    listeners.add(listener);
    // For a second listener the server would tell nothing again; only a fresh subscription brings the present state.
    if (listeners.size > 1) this.#send({ type: "unsubscribe_job", job_id: key });
    this.#send({ type: "subscribe_job", job_id: key });
    return () => {
      if (!listeners.delete(listener) || listeners.size > 0) return;
      this.#jobs.delete(key);
      this.#send({ type: "unsubscribe_job", job_id: key });
    };
  }

  /** Connects, and stays connected until `close`. */
  connect(): void {
    if (this.#wanted) return;
    this.#wanted = true;
    this.#attempt = 0;
    void this.#open();
  }

  close(): void {
    this.#wanted = false;
    this.#drop();
    this.#become("disconnected");
  }

  async #open(): Promise<void> {
    const { WebSocket, url, token: source } = this.#options;
    const attempt = {};
    this.#current = attempt;
    if (!WebSocket) return this.#become("error");
    this.#become("connecting");
    try {
      const token = await tokenFrom(source);
      if (this.#current !== attempt) return;
      // Browsers cannot set headers, and an address with a token in it ends up in logs.
      const inProtocol = token !== undefined && tokenCharacters.test(token);
      const socket = inProtocol ? new WebSocket(url, ["pregonero", `bearer.${token}`]) : new WebSocket(url);
      this.#socket = socket;
      socket.addEventListener("message", ({ data }) => {
        if (this.#current === attempt) this.#received(data, token);
      });
      socket.addEventListener("close", ({ code }) => {
        if (this.#current === attempt) this.#lost(code);
      });
      // Followed by "close", which says more.
      socket.addEventListener("error", () => undefined);
    } catch {
      if (this.#current === attempt) this.#lost(0);
    }
  }

  #received(data: unknown, token: string | undefined): void {
    this.#heardMs = performance.now();
    const frame = parseFrame(data);
    if (!frame) return;
    if (isJobFrame(frame)) this.#tell(frame);
    else if (isConnectionFrame(frame)) this.#control(frame, token);
  }

  #control(frame: ConnectionFrame, token: string | undefined): void {
    if (frame.type === "auth_required" && token !== undefined) this.#write({ type: "auth", token });
    if (frame.type === "connected") this.#connected();
    if (frame.type === "error" && frame.job_id !== undefined) {
      const listeners = this.#jobs.get(frame.job_id.toLowerCase()) ?? [];
      for (const listener of listeners) listener.refused?.(frame.error, frame.code);
    }
  }

  #connected(): void {
    this.#attempt = 0;
    this.#become("connected");
    for (const jobId of this.#jobs.keys()) this.#send({ type: "subscribe_job", job_id: jobId });
    this.#pinging = setInterval(() => {
      if (performance.now() - this.#heardMs > silenceMs) this.#lost(0);
      else this.#send({ type: "ping", timestamp: Date.now() });
    }, pingMs);
  }

  #tell(frame: JobFrame): void {
    for (const listener of this.#frameListeners) listener(frame);
    for (const listener of this.#jobs.get(frame.job_id) ?? []) listener.frame(frame);
  }

  #lost(code: number): void {
    const wasConnected = this.#state === "connected";
    this.#drop();
    if (code === unauthenticated) {
      this.#wanted = false;
      return this.#become("error");
    }
    this.#become(wasConnected ? "disconnected" : "error");
    const delayMs = reconnectDelayMs(this.#attempt, this.#options.random);
    this.#attempt += 1;
    if (this.#wanted) this.#retry = setTimeout(() => void this.#open(), delayMs);
  }

  /** Forgets the socket, whatever becomes of it: a dead one may take minutes to say so. */
  #drop(): void {
    this.#current = undefined;
    clearTimeout(this.#retry);
    clearInterval(this.#pinging);
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close(1000);
  }

  #become(state: RealtimeState): void {
    if (this.#state === state) return;
    this.#state = state;
    for (const listener of this.#stateListeners) listener(state);
  }

  /** While there is no connection nothing is sent: what matters is sent again when there is. */
  #send(frame: BulkClientFrame): void {
    if (this.#state === "connected") this.#write(frame);
  }

  #write(frame: BulkClientFrame): void {
    this.#socket?.send(JSON.stringify(frame));
  }
}
