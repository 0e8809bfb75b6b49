import { sleep } from "@pregonero/runtime";
import type { Link } from "./link.ts";

/**
 * Where a connection is stopped. `request`: what matches does not go up any more. `answer`: it does, and nothing of what
 * the server says from then on comes down.
 */
export type TrapSide = "request" | "answer";

/** Waits on all connections of a proxy for something that a client says; one connection is caught and stands still. */
export class Trap {
  readonly #side: TrapSide;
  readonly #matches: (chunk: Buffer) => boolean;
  readonly #remove: () => void;
  readonly #sprung: Promise<void>;
  #spring: () => void = () => undefined;
  #caught: Link | undefined;

  constructor(side: TrapSide, matches: (chunk: Buffer) => boolean, remove: () => void) {
    this.#side = side;
    this.#matches = matches;
    this.#remove = remove;
    this.#sprung = new Promise((resolve) => (this.#spring = resolve));
  }

  /** Looks at what a client says before it goes up. */
  look(link: Link, chunk: Buffer): void {
    if (this.#caught !== undefined || !this.#matches(chunk)) return;
    this.#caught = link;
    this.#remove();
    if (this.#side === "request") link.up.hold();
    else link.down.hold();
    this.#spring();
  }

  /** Resolves when a connection is caught. @returns false when none was within `withinMs` */
  async sprung(withinMs: number): Promise<boolean> {
    const stop = new AbortController();
    const late = sleep(withinMs, stop.signal).then(() => false);
    const caught = await Promise.race([this.#sprung.then(() => true), late]);
    stop.abort();
    return caught;
  }

  /** Lets the caught connection go on, or gives the trap up. */
  release(): void {
    this.#remove();
    this.#caught?.up.release();
    this.#caught?.down.release();
  }

  /** Cuts the caught connection. */
  cut(): void {
    this.#remove();
    this.#caught?.cut();
  }
}
