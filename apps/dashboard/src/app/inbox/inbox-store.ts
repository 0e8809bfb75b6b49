import { computed, DestroyRef, inject, Injectable, signal } from "@angular/core";
import type { ChatMessage, Conversation, CrmEvent } from "@pregonero/client";
import { API } from "../api/api.ts";
import { KeysetList } from "../table/keyset-list.ts";

export type InboxFilter = "open" | "unread" | "closed";

/** Conversations and the messages of the one that is open, kept as they are by the tenant's events. */
@Injectable()
export class InboxStore {
  readonly #api = inject(API);
  readonly #messages = signal<readonly ChatMessage[]>([]);
  readonly #older = signal<string | null>(null);
  readonly #problem = signal<unknown>(null);

  readonly filter = signal<InboxFilter>("open");
  readonly search = signal("");
  readonly openId = signal<string | null>(null);
  /** Oldest first. */
  readonly messages = this.#messages.asReadonly();
  readonly hasOlder = computed(() => this.#older() !== null);
  readonly problem = this.#problem.asReadonly();

  readonly list = new KeysetList<Conversation>({
    key: ({ id }) => id,
    load: (cursor, signal) => {
      const [filter, search] = [this.filter(), this.search()];
      const query = {
        limit: 50,
        ...(filter === "unread" ? { unread: true } : { status: filter }),
        ...(search === "" ? {} : { search }),
        ...(cursor === undefined ? {} : { cursor }),
      };
      return this.#api.conversations.list(query, { signal });
    },
  });
  readonly open = signal<Conversation | null>(null);

  constructor() {
    const unsubscribe = this.#api.live().subscribe("crm", {
      events: (events) => {
        for (const event of events) this.#heard(event);
      },
      snapshot: async () => {
        await this.list.refresh(0, 0);
        const id = this.openId();
        if (id !== null) await this.show(id);
      },
    });
    inject(DestroyRef).onDestroy(unsubscribe);
  }

  async show(id: string): Promise<void> {
    this.openId.set(id);
    this.#problem.set(null);
    try {
      const [conversation, page] = await Promise.all([
        this.#api.conversations.get(id),
        this.#api.conversations.messages(id, { limit: 50 }),
      ]);
      if (this.openId() !== id) return;
      this.open.set(conversation);
      this.#messages.set(page.items.toReversed());
      this.#older.set(page.next_cursor);
      if (conversation.unread_count > 0) this.changed(await this.#api.conversations.markRead(id));
    } catch (error) {
      this.#problem.set(error);
    }
  }

  async showOlder(): Promise<void> {
    const [id, cursor] = [this.openId(), this.#older()];
    if (id === null || cursor === null) return;
    const page = await this.#api.conversations.messages(id, { limit: 50, cursor });
    if (this.openId() !== id) return;
    this.#messages.update((messages) => [...page.items.toReversed(), ...messages]);
    this.#older.set(page.next_cursor);
  }

  /** @param key the same when it is pressed again: nothing is sent twice */
  async reply(text: string, key: string): Promise<void> {
    const id = this.openId();
    if (id === null) return;
    this.#take(await this.#api.conversations.reply(id, { text }, { idempotencyKey: key }));
  }

  changed(conversation: Conversation): void {
    this.list.replace(conversation.id, conversation);
    if (conversation.id === this.openId()) this.open.set(conversation);
  }

  #heard(event: CrmEvent): void {
    if (event.type === "new_message") {
      const { message, conversation } = event.data;
      this.changed(conversation);
      void this.list.refresh(0, 0);
      if (message.conversation_id !== this.openId()) return;
      this.#take(message);
      // Whoever looks at it has read it.
      if (message.direction === "inbound" && !document.hidden)
        void this.#api.conversations.markRead(conversation.id).then((read) => this.changed(read));
    } else if (event.type === "conversation_updated") this.changed(event.data.conversation);
    else if (event.type === "message_status_updated") {
      const { message_id: id, status } = event.data;
      this.#messages.update((messages) =>
        messages.map((message) => (message.id === id ? { ...message, state: status } : message)),
      );
    }
  }

  #take(message: ChatMessage): void {
    this.#messages.update((messages) =>
      messages.some(({ id }) => id === message.id)
        ? messages.map((known) => (known.id === message.id ? message : known))
        : [...messages, message],
    );
  }
}
