import {
  recordContextOpened,
  recordContextStatus,
  type BrowserContextStatus,
  type Database,
} from "@pregonero/db";
import type { Logger } from "@pregonero/runtime";
import type { ContextReporter } from "../browser/context-reporter.ts";

/** The least time between two writes of one context's status, ms: the newest wins. */
const quietMs = 100;

interface Book {
  status: BrowserContextStatus;
  detail: string | null;
  dirty: boolean;
  writing: Promise<void>;
  timer: NodeJS.Timeout | undefined;
}

/** Keeps `browser_context` rows true. Writes of one context follow each other; a burst of changes is one write. */
export class ContextBooks implements ContextReporter {
  readonly #db: Database;
  readonly #workerId: string;
  readonly #log: Logger;
  readonly #books = new Map<string, Book>();

  constructor(options: { db: Database; workerId: string; log: Logger }) {
    this.#db = options.db;
    this.#workerId = options.workerId;
    this.#log = options.log;
  }

  opened(context: { browserSystemId: string; deviceId: number; pid: number | null }): void {
    const book: Book = {
      status: "disconnected",
      detail: null,
      dirty: false,
      writing: Promise.resolve(),
      timer: undefined,
    };
    this.#books.set(context.browserSystemId, book);
    this.#write(book, () => recordContextOpened(this.#db, { ...context, workerId: this.#workerId }));
  }

  status(browserSystemId: string, status: BrowserContextStatus, detail?: string): void {
    const book = this.#books.get(browserSystemId);
    if (!book) return;
    book.status = status;
    book.detail = detail ?? null;
    book.dirty = true;
    if (status === "closed") this.#flush(browserSystemId, book);
    else book.timer ??= setTimeout(() => this.#flush(browserSystemId, book), quietMs);
  }

  async close(): Promise<void> {
    for (const [id, book] of this.#books) this.#flush(id, book);
    await Promise.all([...this.#books.values()].map((book) => book.writing));
  }

  #flush(id: string, book: Book): void {
    clearTimeout(book.timer);
    book.timer = undefined;
    if (!book.dirty) return;
    book.dirty = false;
    const { status, detail } = book;
    this.#write(book, () => recordContextStatus(this.#db, id, status, detail));
    if (status === "closed") void book.writing.then(() => this.#books.delete(id));
  }

  #write(book: Book, write: () => Promise<void>): void {
    book.writing = book.writing.then(write).catch((error: unknown) => {
      this.#log.warn("a context's row could not be written", { error });
    });
  }
}
