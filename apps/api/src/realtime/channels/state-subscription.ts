import { sleep, type Logger } from "@pregonero/runtime";
import type { StateEncoder } from "./state-encoder.ts";
import type { StateSource } from "./state-sources.ts";
import type { Subscriber, Subscription } from "./subscriber.ts";

export interface StateSubscriptionDeps {
  readonly encoder: StateEncoder;
  readonly log: Logger;
}

/** A state that could not be read is read again after so many ms. */
const againMs = 1_000;

/** A state channel for one subscriber: how things are, then what changes. */
export class StateSubscription implements Subscription {
  readonly #channel: string;
  readonly #source: StateSource;
  readonly #subscriber: Subscriber;
  readonly #deps: StateSubscriptionDeps;
  #told = false;
  #opened = false;
  #closed = false;

  constructor(channel: string, source: StateSource, subscriber: Subscriber, deps: StateSubscriptionDeps) {
    this.#channel = channel;
    this.#source = source;
    this.#subscriber = subscriber;
    this.#deps = deps;
  }

  async start(): Promise<boolean> {
    const present = await this.#open();
    this.#opened = true;
    if (this.#closed) this.#source.close();
    else if (present) this.#begin(present);
    return present !== undefined;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#opened) this.#source.close();
  }

  /** Waits while Postgres is away. */
  async #open(): Promise<readonly object[] | undefined> {
    for (;;) {
      try {
        return await this.#source.open((item) => this.#tell(item));
      } catch (error) {
        this.#deps.log.warn("a state could not be read, trying again", { channel: this.#channel, error });
        this.#source.close();
      }
      await sleep(againMs);
      if (this.#closed) return undefined;
    }
  }

  /** No change is told before the state that it changes. */
  #begin(present: readonly object[]): void {
    this.#told = true;
    const channel = this.#channel;
    this.#subscriber.sendFrame({ type: "subscribed", channel });
    const data = this.#source.dataOf(present, this.#subscriber.masked);
    if (data) this.#subscriber.sendFrame({ type: "state", channel, data });
  }

  #tell(item: object): void {
    if (!this.#told || this.#closed) return;
    const { encoder } = this.#deps;
    const out = encoder.encode(this.#channel, item, this.#source, this.#subscriber.masked);
    if (out) this.#subscriber.send(out);
  }
}
