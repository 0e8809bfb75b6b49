import type { ChannelReading } from "@pregonero/contracts";
import type { StayingSocket } from "../staying-socket.ts";

export interface PollingOptions {
  readonly socket: Pick<StayingSocket, "state" | "possible" | "failures">;
  readonly pollMs: number;
  readonly channels: () => readonly string[];
  readonly read: (channel: string, signal: AbortSignal) => Promise<ChannelReading>;
  readonly take: (channel: string, reading: ChannelReading) => void;
  readonly failed: (channel: string, error: unknown) => void;
}

/** So many attempts to connect fail, or so long none succeeds, before what they would bring is asked for instead. */
const patience = 2;
const patienceMs = 5_000;

/** Asks for what a WebSocket would tell, for as long as none can be had. */
export class Polling {
  readonly #options: PollingOptions;
  #stop: AbortController | undefined;
  #active = false;

  constructor(options: PollingOptions) {
    this.#options = options;
  }

  get active(): boolean {
    return this.#active;
  }

  start(): void {
    if (this.#stop) return;
    this.#stop = new AbortController();
    void this.#run(this.#stop.signal);
  }

  stop(): void {
    this.#stop?.abort();
    this.#stop = undefined;
    this.#active = false;
  }

  async #run(stop: AbortSignal): Promise<void> {
    let connectedAtMs = performance.now();
    while (!stop.aborted) {
      const { state, possible, failures } = this.#options.socket;
      if (state === "connected") connectedAtMs = performance.now();
      const tooLong = performance.now() - connectedAtMs > patienceMs;
      this.#active = state !== "connected" && (!possible || failures >= patience || tooLong);
      if (this.#active) await this.#round(stop);
      await pause(this.#options.pollMs, stop);
    }
  }

  async #round(stop: AbortSignal): Promise<void> {
    for (const channel of this.#options.channels()) {
      try {
        // The socket may be back meanwhile: what comes twice is told once all the same.
        let more = true;
        while (more && !stop.aborted) {
          const reading = await this.#options.read(channel, stop);
          if (!stop.aborted) this.#options.take(channel, reading);
          ({ more } = reading);
        }
      } catch (error) {
        if (!stop.aborted) this.#options.failed(channel, error);
      }
    }
  }
}

function pause(ms: number, stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (stop.aborted) return resolve();
    const done = (): void => {
      clearTimeout(timer);
      stop.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    stop.addEventListener("abort", done);
  });
}
