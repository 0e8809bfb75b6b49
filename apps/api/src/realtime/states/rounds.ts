import type { Logger } from "@pregonero/runtime";

export interface RoundsOptions {
  readonly intervalMs: number;
  readonly log: Logger;
  /** Whether events flow now. */
  readonly flowing: () => boolean;
  /** Called when they flow again. */
  readonly onFlowing: (listener: () => void) => void;
  readonly read: () => Promise<void>;
}

/** While events flow rows are read again in one round of so many, in case one of them got lost. */
const roundsWhileFlowing = 15;

/** Reads rows again and again: often while events do not flow, seldom while they do. */
export class Rounds {
  readonly #options: RoundsOptions;
  readonly #timer: NodeJS.Timeout;
  #round = 0;
  #reading: Promise<void> | undefined;

  constructor(options: RoundsOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#tick(), options.intervalMs);
    options.onFlowing(() => void this.now());
  }

  /** Never rejects. */
  now(): Promise<void> {
    this.#reading ??= this.#read().finally(() => (this.#reading = undefined));
    return this.#reading;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#reading;
  }

  #tick(): void {
    this.#round += 1;
    if (!this.#options.flowing() || this.#round % roundsWhileFlowing === 0) void this.now();
  }

  async #read(): Promise<void> {
    try {
      await this.#options.read();
    } catch (error) {
      this.#options.log.warn("rows that are watched could not be read", { error });
    }
  }
}
