import type { OutgoingMessage, SendOutcome } from "../channel.ts";

/** A message that waits for its outcome. */
export interface Waiting {
  readonly message: OutgoingMessage;
  readonly end: (outcome: SendOutcome) => void;
}

export interface GroupingOptions {
  /** The most messages of a call; 1 sends each at once. */
  readonly size: number;
  /** How long the first of a group waits for others, ms. */
  readonly waitMs: number;
  /** Must end every message of the group. */
  readonly send: (group: readonly Waiting[]) => void;
}

/**
 * Puts messages that come within a few milliseconds into one call. No group holds a phone twice: where the answer does
 * not repeat our own id, the phone says whose answer it is.
 */
export class Grouping {
  readonly #options: GroupingOptions;
  #group = new Map<string, Waiting>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: GroupingOptions) {
    this.#options = options;
  }

  add(message: OutgoingMessage): Promise<SendOutcome> {
    return new Promise((end) => {
      if (this.#group.has(message.to)) this.flush();
      this.#group.set(message.to, { message, end });
      if (this.#group.size >= this.#options.size) this.flush();
      else this.#timer ??= setTimeout(() => this.flush(), this.#options.waitMs);
    });
  }

  /** Sends what waits now. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const group = [...this.#group.values()];
    this.#group = new Map();
    if (group.length > 0) this.#options.send(group);
  }
}
