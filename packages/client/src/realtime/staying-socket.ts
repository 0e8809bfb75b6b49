import { tokenFrom, type TokenSource } from "../http/http.ts";
import { reconnectDelayMs } from "./backoff.ts";
import { parseFrame } from "./frames.ts";
import type { WebSocketConstructor, WebSocketLike } from "./web-socket.ts";

export type RealtimeState = "disconnected" | "connecting" | "connected" | "error";

export interface SocketOptions {
  /** `ws://…/ws` or `wss://…/ws`. */
  readonly url: string;
  readonly token: TokenSource | undefined;
  /** Undefined where there is none (Node 20 and nothing injected): the state is `error` then. */
  readonly WebSocket: WebSocketConstructor | undefined;
  readonly random?: () => number;
  /** How often the server is asked for a sign of life, and how long it may be silent. */
  readonly silence?: { readonly pingMs: number; readonly silenceMs: number };
  /** How long an attempt may take: a proxy may swallow it. */
  readonly attemptMs?: number;
}

/** What is spoken over the socket. */
export interface SocketUser {
  /** Offered beside the one that carries the token. */
  readonly subprotocol: string;
  /** A frame that is not about the connection itself. */
  frame(frame: Frame): void;
  /** The server has let us in. */
  connected(): void;
}

export interface Frame {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** A server that is silent for so long, though it is asked to answer every so often, is gone. */
const defaultSilence = { pingMs: 25_000, silenceMs: 60_000 };
const defaultAttemptMs = 15_000;

/** What a subprotocol may be made of (RFC 9110 token). */
const tokenCharacters = /^[\w!#$%&'*+.^`|~-]+$/;

/** After this code the same credentials will not do either. */
const unauthenticated = 4401;

/**
 * One WebSocket that stays: comes back by itself with growing pauses. States: `connecting` (an attempt is made),
 * `connected`, `disconnected` (closed, or just lost and about to come back), `error` (the attempt failed and the next one
 * waits; after wrong credentials there is none).
 */
export class StayingSocket {
  readonly #options: SocketOptions;
  readonly #user: SocketUser;
  readonly #stateListeners = new Set<(state: RealtimeState) => void>();
  #state: RealtimeState = "disconnected";
  #socket: WebSocketLike | undefined;
  /** The attempt whose socket is listened to: what others still have to say is ignored. */
  #current: object | undefined;
  #wanted = false;
  #attempt = 0;
  /** When the server asked us to come back, ms. */
  #askedDelayMs: number | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #pinging: ReturnType<typeof setInterval> | undefined;
  #giveUp: ReturnType<typeof setTimeout> | undefined;
  #heardMs = 0;

  constructor(options: SocketOptions, user: SocketUser) {
    this.#options = options;
    this.#user = user;
  }

  get state(): RealtimeState {
    return this.#state;
  }

  /** Whether a connection can be had at all here. */
  get possible(): boolean {
    return this.#options.WebSocket !== undefined;
  }

  /** Failed attempts in a row. */
  get failures(): number {
    return this.#attempt;
  }

  /** @returns a function that ends it */
  onState(listener: (state: RealtimeState) => void): () => void {
    this.#stateListeners.add(listener);
    return () => void this.#stateListeners.delete(listener);
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

  /** While there is no connection nothing is sent: what matters is sent again when there is. */
  send(frame: object): void {
    if (this.#state === "connected") this.#write(frame);
  }

  async #open(): Promise<void> {
    const { WebSocket, url, token: source } = this.#options;
    const attempt = {};
    this.#current = attempt;
    if (!WebSocket) return this.#become("error");
    this.#become("connecting");
    this.#giveUp = setTimeout(() => this.#lost(0), this.#options.attemptMs ?? defaultAttemptMs);
    try {
      const token = await tokenFrom(source);
      if (this.#current !== attempt) return;
      // Browsers cannot set headers, and an address with a token in it ends up in logs.
      const inProtocol = token !== undefined && tokenCharacters.test(token);
      const bearer = inProtocol ? [`bearer.${token}`] : [];
      const socket = new WebSocket(url, [this.#user.subprotocol, ...bearer]);
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
    if (frame === undefined || !("type" in frame) || typeof frame.type !== "string") return;
    if (frame.type === "auth_required" && token !== undefined) this.#write({ type: "auth", token });
    else if (frame.type === "connected") this.#connected();
    else if (frame.type === "bye") this.#askedDelayMs = askedDelay(frame);
    else if (frame.type !== "pong") this.#user.frame(frame as Frame);
  }

  #connected(): void {
    this.#attempt = 0;
    this.#askedDelayMs = undefined;
    this.#become("connected");
    this.#user.connected();
    const { pingMs, silenceMs } = this.#options.silence ?? defaultSilence;
    clearTimeout(this.#giveUp);
    this.#pinging = setInterval(() => {
      if (performance.now() - this.#heardMs > silenceMs) this.#lost(0);
      else this.send({ type: "ping", timestamp: Date.now() });
    }, pingMs);
  }

  #lost(code: number): void {
    const wasConnected = this.#state === "connected";
    this.#drop();
    // A token that has run out while connected may be followed by a fresh one.
    const renewable = wasConnected && typeof this.#options.token === "function";
    if (code === unauthenticated && !renewable) {
      this.#wanted = false;
      return this.#become("error");
    }
    this.#become(wasConnected ? "disconnected" : "error");
    const delayMs = this.#askedDelayMs ?? reconnectDelayMs(this.#attempt, this.#options.random);
    this.#askedDelayMs = undefined;
    this.#attempt += 1;
    if (this.#wanted) this.#retry = setTimeout(() => void this.#open(), delayMs);
  }

  /** Forgets the socket, whatever becomes of it: a dead one may take minutes to say so. */
  #drop(): void {
    this.#current = undefined;
    clearTimeout(this.#retry);
    clearInterval(this.#pinging);
    clearTimeout(this.#giveUp);
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close(1000);
  }

  #become(state: RealtimeState): void {
    if (this.#state === state) return;
    this.#state = state;
    for (const listener of this.#stateListeners) listener(state);
  }

  #write(frame: object): void {
    this.#socket?.send(JSON.stringify(frame));
  }
}

function askedDelay(frame: object): number | undefined {
  return "reconnect_ms" in frame && typeof frame.reconnect_ms === "number" ? frame.reconnect_ms : undefined;
}
