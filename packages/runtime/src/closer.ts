import type { Logger } from "./logger.ts";

export interface CloserOptions {
  readonly logger?: Logger;
  /** How long each close may take, in ms. Default 10,000. */
  readonly timeoutMs?: number;
}

interface Entry {
  readonly name: string;
  readonly close: () => unknown;
  readonly timeoutMs: number;
}

/** Collects what was opened and closes it in reverse. One thing that fails or hangs does not keep the rest open. */
export class Closer {
  readonly #entries: Entry[] = [];
  readonly #logger: Logger | undefined;
  readonly #timeoutMs: number;
  #closing: Promise<void> | undefined;

  constructor(options: CloserOptions = {}) {
    this.#logger = options.logger;
    this.#timeoutMs = options.timeoutMs ?? 10_000;
  }

  /** Call right after opening. When closing has begun already, the thing is closed with the rest. */
  add(name: string, close: () => unknown, options: { readonly timeoutMs?: number } = {}): void {
    this.#entries.push({ name, close, timeoutMs: options.timeoutMs ?? this.#timeoutMs });
    // Too late for the list: closed all the same, or a start that was cut short would leave it open.
    if (this.#closing !== undefined) this.#closing = this.#closing.then(() => this.#closeAll());
  }

  /** Never rejects: failures are logged. */
  close(): Promise<void> {
    this.#closing ??= this.#closeAll();
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #closeAll(): Promise<void> {
    for (let entry = this.#entries.pop(); entry !== undefined; entry = this.#entries.pop()) {
      await this.#closeOne(entry);
    }
  }

  async #closeOne({ name, close, timeoutMs }: Entry): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`did not close within ${timeoutMs} ms`)), timeoutMs);
    });
    try {
      await Promise.race([(async () => close())(), timeout]);
    } catch (error) {
      this.#logger?.warn("close failed", { what: name, error });
    } finally {
      clearTimeout(timer);
    }
  }
}
