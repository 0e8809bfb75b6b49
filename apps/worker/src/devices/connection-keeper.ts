import { backoffMs, sleep, type Logger } from "@pregonero/runtime";
import type { Channel, ConnectionState } from "../channels/channel.ts";

export interface ConnectionKeeperOptions {
  readonly channel: Channel;
  readonly log: Logger;
  /** A new page was opened: what the one before was doing is over. */
  readonly opened: () => void;
}

/** First wait after a connection that failed or was lost; doubles up to the cap. */
const reconnectBaseMs = 1_000;
const reconnectMaxMs = 60_000;
/** A connection that held for so long was a good one: the next failure waits from the start again. */
const goodAfterMs = 60_000;

/** Keeps a channel open: connects, and connects again when it is lost or when somebody asks for a fresh start. */
export class ConnectionKeeper {
  readonly #options: ConnectionKeeperOptions;
  readonly #stop = new AbortController();
  #restart = new AbortController();
  /** The next opening is our own wish, and no failure of the one before. */
  #recycling = false;
  #running: Promise<void> | undefined;

  constructor(options: ConnectionKeeperOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** The channel said that its state is now this. */
  stateChanged(state: ConnectionState): void {
    if (state === "error") this.restart();
  }

  /** Closes the page and opens a new one on the same session. */
  restart(): void {
    this.#restart.abort();
  }

  /** As `restart`, of a connection that is well: nothing is held against it. */
  recycle(): void {
    this.#recycling = true;
    this.restart();
  }

  /** Ends the connection; the session stays. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.#restart.abort();
    await this.#running;
    await this.#options.channel.disconnect();
  }

  async #run(): Promise<void> {
    const { channel, log, opened } = this.#options;
    let failures = 0;
    while (!this.#stop.signal.aborted) {
      this.#restart = new AbortController();
      const startedAtMs = performance.now();
      try {
        await channel.connect(AbortSignal.any([this.#stop.signal, this.#restart.signal]));
        opened();
        await aborted(this.#restart.signal);
      } catch (error) {
        if (!this.#stop.signal.aborted) log.warn("the device could not be connected", { error });
      }
      await channel.disconnect();
      if (this.#stop.signal.aborted) return;
      const wasGood = this.#recycling || performance.now() - startedAtMs > goodAfterMs;
      this.#recycling = false;
      failures = wasGood ? 1 : failures + 1;
      // The first time at once: a page that crashed in the middle of a campaign is back within a second.
      const waitMs =
        failures === 1 ? 0 : backoffMs(failures, { baseMs: reconnectBaseMs, maxMs: reconnectMaxMs });
      await sleep(waitMs, this.#stop.signal);
    }
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
