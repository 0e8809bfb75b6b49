import { signal, type Signal } from "@angular/core";
import type { Page } from "@pregonero/client";

export interface KeysetListOptions<T> {
  /** One page; an undefined cursor is the first. */
  readonly load: (cursor: string | undefined, signal: AbortSignal) => Promise<Page<T>>;
  readonly key: (item: T) => string | number;
}

interface LoadedPage {
  readonly cursor: string | undefined;
  readonly start: number;
}

/** A long list that is fetched page by page as somebody scrolls through it. */
export class KeysetList<T> {
  readonly #options: KeysetListOptions<T>;
  readonly #items = signal<readonly T[]>([]);
  readonly #loading = signal(false);
  readonly #problem = signal<unknown>(null);
  readonly #complete = signal(false);
  readonly #begun = signal(false);
  #pages: LoadedPage[] = [];
  #next: string | undefined;
  #abort = new AbortController();

  readonly items: Signal<readonly T[]> = this.#items.asReadonly();
  readonly loading = this.#loading.asReadonly();
  readonly problem = this.#problem.asReadonly();
  /** Nothing follows the last item. */
  readonly complete = this.#complete.asReadonly();
  /** The first page has come. */
  readonly begun = this.#begun.asReadonly();

  constructor(options: KeysetListOptions<T>) {
    this.#options = options;
  }

  readonly key = (item: T): string | number => this.#options.key(item);

  /** Forgets what is there and begins again: the question has changed. */
  async restart(): Promise<void> {
    this.#abort.abort();
    this.#abort = new AbortController();
    this.#pages = [];
    this.#next = undefined;
    this.#loading.set(false);
    this.#complete.set(false);
    await this.#append(true);
  }

  /** The next page, unless it is on its way or there is none. */
  async more(): Promise<void> {
    if (!this.#loading() && !this.#complete()) await this.#append(false);
  }

  /** Asks again for the pages that these places are in; what is new at the beginning of the list comes on top. */
  async refresh(first = 0, last = 0): Promise<void> {
    const { signal: stop } = this.#abort;
    const pages = this.#pages.filter(({ start }, index) => {
      const end = this.#pages[index + 1]?.start ?? Infinity;
      return start <= last && end > first;
    });
    for (const page of pages) {
      try {
        const { items } = await this.#options.load(page.cursor, stop);
        if (!stop.aborted) this.#merge(items, page.cursor === undefined);
      } catch {
        // It will be asked again; what is shown stays.
        return;
      }
    }
  }

  /** Takes an item out, or puts another in its place. */
  replace(key: string | number, item: T | null): void {
    this.#items.update((items) =>
      items.flatMap((old) => (this.key(old) === key ? (item === null ? [] : [item]) : [old])),
    );
  }

  /** What has just stirred goes on top, wherever it was; of lists whose newest item is the first. */
  putFirst(item: T): void {
    const key = this.key(item);
    const others = this.#items().filter((old) => this.key(old) !== key);
    const added = others.length === this.#items().length;
    if (added)
      this.#pages = this.#pages.map((page, index) =>
        index === 0 ? page : { ...page, start: page.start + 1 },
      );
    this.#items.set([item, ...others]);
  }

  async #append(fresh: boolean): Promise<void> {
    const { signal: stop } = this.#abort;
    const cursor = this.#next;
    this.#loading.set(true);
    this.#problem.set(null);
    try {
      const page = await this.#options.load(cursor, stop);
      if (stop.aborted) return;
      const before = fresh ? [] : this.#items();
      const known = new Set(before.map(this.key));
      this.#pages.push({ cursor, start: before.length });
      this.#items.set([...before, ...page.items.filter((item) => !known.has(this.key(item)))]);
      this.#next = page.next_cursor ?? undefined;
      this.#complete.set(page.next_cursor === null);
      this.#begun.set(true);
    } catch (error) {
      if (!stop.aborted) this.#problem.set(error);
    } finally {
      if (!stop.aborted) this.#loading.set(false);
    }
  }

  #merge(fresh: readonly T[], head: boolean): void {
    const byKey = new Map(fresh.map((item) => [this.key(item), item]));
    const known = new Set(this.#items().map(this.key));
    const added = head ? fresh.filter((item) => !known.has(this.key(item))) : [];
    if (added.length > 0)
      this.#pages = this.#pages.map((page, index) =>
        index === 0 ? page : { ...page, start: page.start + added.length },
      );
    this.#items.update((items) => [...added, ...items.map((item) => byKey.get(this.key(item)) ?? item)]);
  }
}
