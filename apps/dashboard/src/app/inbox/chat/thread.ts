import { signal } from "@angular/core";
import type { ChatMessage, MessageState, Page } from "@pregonero/client";

/** How far a message is on its way. News of it may come late: what is known never goes back. */
const rank: Readonly<Record<MessageState, number>> = {
  queued: 0,
  sending: 1,
  retrying: 1,
  unknown: 2,
  cancelled: 3,
  skipped: 3,
  failed: 3,
  sent: 4,
  delivered: 5,
  read: 6,
};

type Load = (cursor: string | undefined) => Promise<Page<ChatMessage>>;

/** The messages of one conversation, oldest first: the newest page, and older ones as somebody scrolls up. */
export class Thread {
  readonly #load: Load;
  readonly #messages = signal<readonly ChatMessage[]>([]);
  readonly #pending = signal<readonly ChatMessage[]>([]);
  readonly #loading = signal(false);
  readonly #begun = signal(false);
  readonly #complete = signal(false);
  readonly #problem = signal<unknown>(null);
  #older: string | undefined;

  readonly messages = this.#messages.asReadonly();
  /** Written here, and not yet taken by the server. */
  readonly pending = this.#pending.asReadonly();
  readonly loading = this.#loading.asReadonly();
  readonly begun = this.#begun.asReadonly();
  /** Nothing is older than the first. */
  readonly complete = this.#complete.asReadonly();
  readonly problem = this.#problem.asReadonly();

  constructor(load: Load) {
    this.#load = load;
  }

  /** The newest page, at first and whenever events were missed. */
  async newest(): Promise<void> {
    await this.#read(undefined, (page) => {
      const fresh = page.items.toReversed();
      const known = new Set(this.#messages().map(({ id }) => id));
      // More was missed than a page holds: what is between is not known, so history begins anew.
      const gap = this.#begun() && page.next_cursor !== null && !fresh.some(({ id }) => known.has(id));
      if (gap) this.#messages.set([]);
      if (gap || !this.#begun()) this.#continueFrom(page);
      for (const message of fresh) this.take(message);
      this.#begun.set(true);
    });
  }

  async older(): Promise<void> {
    if (this.#loading() || this.#complete() || !this.#begun()) return;
    await this.#read(this.#older, (page) => {
      this.#continueFrom(page);
      const known = new Set(this.#messages().map(({ id }) => id));
      const before = page.items.toReversed().filter(({ id }) => !known.has(id));
      this.#messages.update((messages) => [...before, ...messages]);
    });
  }

  /** A message that is new, or what is new of one. */
  take(message: ChatMessage): void {
    this.#messages.update((messages) => {
      const index = messages.findLastIndex(({ id }) => id === message.id);
      const known = messages[index];
      if (!known) return inOrder(messages, message);
      const state = further(known.state, message.state);
      return messages.with(index, { ...message, state });
    });
  }

  moved(messageId: string, state: MessageState): void {
    this.#messages.update((messages) =>
      messages.map((message) =>
        message.id === messageId ? { ...message, state: further(message.state, state) } : message,
      ),
    );
  }

  /** Shown at once; `settle` takes it away, with what the server made of it. */
  put(message: ChatMessage): void {
    this.#pending.update((pending) => [...pending, message]);
  }

  settle(pendingId: string, made: ChatMessage | null): void {
    this.#pending.update((pending) => pending.filter(({ id }) => id !== pendingId));
    if (made) this.take(made);
  }

  #continueFrom({ next_cursor: cursor }: Page<ChatMessage>): void {
    this.#older = cursor ?? undefined;
    this.#complete.set(cursor === null);
  }

  async #read(cursor: string | undefined, take: (page: Page<ChatMessage>) => void): Promise<void> {
    this.#loading.set(true);
    this.#problem.set(null);
    try {
      take(await this.#load(cursor));
    } catch (error) {
      this.#problem.set(error);
    } finally {
      this.#loading.set(false);
    }
  }
}

function further(known: MessageState | null, told: MessageState | null): MessageState | null {
  if (known === null || told === null) return told ?? known;
  return rank[told] >= rank[known] ? told : known;
}

function inOrder(messages: readonly ChatMessage[], message: ChatMessage): readonly ChatMessage[] {
  const at = messages.findLastIndex((known) => known.at <= message.at);
  return messages.toSpliced(at + 1, 0, message);
}
