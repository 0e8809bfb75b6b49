import { monotonicMs } from "@pregonero/runtime";

/** Tells the newest of what it is offered: at once, but not more often than every `intervalMs`. */
export class LatestOnly<T> {
  readonly #intervalMs: number;
  readonly #tell: (value: T) => void;
  #newest: { readonly value: T } | undefined;
  #timer: NodeJS.Timeout | undefined;
  #restUntilMs = 0;

  constructor(intervalMs: number, tell: (value: T) => void) {
    this.#intervalMs = intervalMs;
    this.#tell = tell;
  }

  offer(value: T): void {
    this.#newest = { value };
    if (this.#timer !== undefined) return;
    const waitMs = this.#restUntilMs - monotonicMs();
    if (waitMs <= 0) this.#now();
    else this.#timer = setTimeout(() => this.#now(), waitMs);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#newest = undefined;
  }

  #now(): void {
    this.#timer = undefined;
    const newest = this.#newest;
    this.#newest = undefined;
    this.#restUntilMs = monotonicMs() + this.#intervalMs;
    if (newest) this.#tell(newest.value);
  }
}
