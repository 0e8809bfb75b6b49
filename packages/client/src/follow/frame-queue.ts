/** What several producers put in and one reader takes out in order. Ends after the last item, or fails after it. */
export class FrameQueue<T> {
  readonly #items: T[] = [];
  #end: { readonly error?: unknown } | undefined;
  #wake: (() => void) | undefined;

  push(items: readonly T[]): void {
    if (this.#end) return;
    this.#items.push(...items);
    this.#wake?.();
  }

  end(): void {
    this.#end ??= {};
    this.#wake?.();
  }

  fail(error: unknown): void {
    this.#end ??= { error };
    this.#wake?.();
  }

  async *read(): AsyncGenerator<T, void> {
    for (;;) {
      const items = this.#items.splice(0);
      yield* items;
      if (items.length > 0 || this.#items.length > 0) continue;
      if (this.#end && "error" in this.#end) throw this.#end.error;
      if (this.#end) return;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}
