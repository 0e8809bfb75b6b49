import type { InboundMessage } from "@pregonero/chat";
import { backoffMs, sleep, type Logger } from "@pregonero/runtime";

export interface DeviceInboxOptions {
  /** Stores messages; repeating it is harmless. */
  readonly receive: (messages: readonly InboundMessage[]) => Promise<void>;
  readonly log: Logger;
}

/** Beyond it the oldest are let go: the page tells what is recent again when it is opened. */
const mostWaiting = 10_000;

/** What people write to one device, on its way to the database: in order, and for as long as the database is away. */
export class DeviceInbox {
  readonly #options: DeviceInboxOptions;
  readonly #waiting: InboundMessage[] = [];
  readonly #stopping = new AbortController();
  #running: Promise<void> | undefined;

  constructor(options: DeviceInboxOptions) {
    this.#options = options;
  }

  take(message: InboundMessage): void {
    this.#waiting.push(message);
    if (this.#waiting.length > mostWaiting) this.#waiting.shift();
    this.#running ??= this.#run();
  }

  /** Stores what is left for at most `boundMs`, then gives up. */
  async close(boundMs: number): Promise<void> {
    await Promise.race([this.#running, sleep(boundMs)]);
    this.#stopping.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { receive, log } = this.#options;
    for (let failures = 0; this.#waiting.length > 0 && !this.#stopping.signal.aborted;) {
      const [next] = this.#waiting;
      if (!next) break;
      try {
        await receive([next]);
        this.#waiting.shift();
        failures = 0;
      } catch (error) {
        failures += 1;
        log.warn("a message that came in could not be stored, trying again", { error, failures });
        await sleep(50 + backoffMs(failures, { baseMs: 100, maxMs: 2_000 }), this.#stopping.signal);
      }
    }
    this.#running = undefined;
  }
}
