import type { OutboundGuard } from "@pregonero/outbound";
import type { ChannelListener, ConnectionState } from "../channel.ts";
import type { Exchange, HttpRequest } from "./exchange.ts";
import { HttpLine } from "./http-line.ts";

export interface HttpTimeouts {
  /** To get a connection, ms. */
  readonly connectMs: number;
  /** From the first byte of a request to the last of its answer, ms. */
  readonly answerMs: number;
  /** How long a disconnect waits for answers, ms. */
  readonly closeMs: number;
}

export const defaultHttpTimeouts: HttpTimeouts = { connectMs: 10_000, answerMs: 30_000, closeMs: 10_000 };

/** What is needed to speak to the provider in the device's name. */
export interface Account<Credentials> {
  readonly credentials: Credentials;
  readonly line: HttpLine;
}

/** See packages/outbound: what it refuses is not called, whatever DNS says at that moment. */
export type AddressGuard = Pick<OutboundGuard, "checkUrl" | "lookup">;

export interface ProviderLinkOptions<Credentials> {
  readonly listener: ChannelListener;
  readonly timeouts: HttpTimeouts;
  readonly connections: number;
  /** Read anew at each connect, so that changed ones are taken up. Rejects when there are none. */
  readonly readCredentials: () => Promise<Credentials>;
  readonly baseUrlOf: (credentials: Credentials) => string;
  /** For an address that a user gave: it must not lead into our own network. */
  readonly guard?: AddressGuard | undefined;
  /** Asks the provider whether the device can send. @throws Error whose message says why not */
  readonly greet: (account: Account<Credentials>, signal: AbortSignal) => Promise<void>;
}

/** One request may meet a bad moment of the network; so many in a row say that the provider is out of reach. */
const unreachableLimit = 3;

/** The connection of a device to a provider over HTTP: who it is, whether it may send, and how that is told. */
export class ProviderLink<Credentials> {
  readonly #options: ProviderLinkOptions<Credentials>;
  #state: ConnectionState = "disconnected";
  #account: Account<Credentials> | null = null;
  #connecting: { readonly abort: AbortController; readonly done: Promise<void> } | null = null;
  #unreachable = 0;

  constructor(options: ProviderLinkOptions<Credentials>) {
    this.#options = options;
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** Null unless connected. */
  get account(): Account<Credentials> | null {
    return this.#state === "connected" ? this.#account : null;
  }

  /** @throws Error when the provider cannot be asked or says no; the state is `error` then, with the reason. */
  async connect(signal: AbortSignal): Promise<void> {
    if (this.#account !== null || this.#connecting !== null) throw new Error("the channel is open already");
    const abort = new AbortController();
    const done = this.#connect(AbortSignal.any([signal, abort.signal]));
    this.#connecting = { abort, done };
    try {
      await done;
    } finally {
      this.#connecting = null;
    }
  }

  /**
   * Waits for answers under way. An error stays to be seen after it: who connects again right away would hide it
   * otherwise.
   */
  async disconnect(): Promise<void> {
    if (this.#connecting !== null) {
      this.#connecting.abort.abort();
      await this.#connecting.done.catch(() => undefined);
    }
    const account = this.#account;
    this.#account = null;
    if (this.#state !== "error") this.#tell("disconnected");
    await account?.line.close();
  }

  /** The device cannot send any more, by the provider's word. */
  fail(reason: string): void {
    if (this.#state === "connected") this.#tell("error", reason);
  }

  /** Never rejects. A provider that cannot be reached time after time puts the link in error. */
  async request(
    { line }: Account<Credentials>,
    request: Omit<HttpRequest, "answerMs">,
    signal?: AbortSignal,
  ): Promise<Exchange> {
    const ended = await line.request({ ...request, answerMs: this.#options.timeouts.answerMs }, signal);
    if (ended.kind !== "not_sent") this.#unreachable = 0;
    else if (ended.why === "unreachable") {
      this.#unreachable += 1;
      if (this.#unreachable >= unreachableLimit) this.fail(`the provider cannot be reached: ${ended.reason}`);
    }
    return ended;
  }

  async #connect(signal: AbortSignal): Promise<void> {
    const { readCredentials, baseUrlOf, greet, guard, connections, timeouts } = this.#options;
    this.#tell("connecting");
    this.#unreachable = 0;
    let line: HttpLine | null = null;
    try {
      const credentials = await readCredentials();
      const baseUrl = baseUrlOf(credentials);
      guard?.checkUrl(baseUrl);
      line = new HttpLine({ baseUrl, connections, ...timeouts, lookup: guard?.lookup });
      const account = { credentials, line };
      await greet(account, signal);
      signal.throwIfAborted();
      this.#account = account;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (signal.aborted) this.#tell("disconnected");
      else this.#tell("error", reason);
      await line?.close();
      throw error;
    }
    this.#tell("connected");
  }

  #tell(state: ConnectionState, reason?: string): void {
    if (state === this.#state && state !== "error") return;
    this.#state = state;
    this.#options.listener.stateChanged(state, reason);
  }
}
