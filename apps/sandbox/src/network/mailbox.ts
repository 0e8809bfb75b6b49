import type { Device } from "./device.ts";

/** Tells a device one thing. `n` is what the device confirms it with. */
export type Tell = (device: Device, n: number) => void;

/**
 * What a session is to be told, kept until its page has confirmed that it is safely stored: nothing is lost when the
 * page dies in between. A page may hear the same thing twice.
 */
export class Mailbox {
  readonly #waiting = new Map<number, Tell>();
  #listener: Device | null = null;
  #last = 0;

  post(tell: Tell): void {
    this.#last += 1;
    this.#waiting.set(this.#last, tell);
    if (this.#listener !== null) tell(this.#listener, this.#last);
  }

  /** The page is ready to hear: first what has been waiting. */
  open(listener: Device): void {
    this.#listener = listener;
    for (const [n, tell] of this.#waiting) tell(listener, n);
  }

  shut(): void {
    this.#listener = null;
  }

  confirm(ns: readonly number[]): void {
    for (const n of ns) this.#waiting.delete(n);
  }
}
