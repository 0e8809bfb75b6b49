/** One page of a list. */
export interface Page<T> {
  readonly items: T[];
  /** Null on the last page. */
  readonly next_cursor: string | null;
}

export interface PageQuery {
  /** 1 to 1,000; 50 by default. */
  readonly limit?: number;
  readonly cursor?: string;
}

/** Every item of a list, fetched page by page as it is read. */
export async function* allPages<T>(pageAt: (cursor?: string) => Promise<Page<T>>): AsyncGenerator<T, void> {
  let page = await pageAt();
  for (;;) {
    yield* page.items;
    if (page.next_cursor === null) return;
    page = await pageAt(page.next_cursor);
  }
}
