import type {
  ChatMedia,
  ChatMessage,
  Contact,
  ContactPatch,
  Conversation,
  ConversationCreate,
  ConversationPatch,
  ReplyCreate,
} from "@pregonero/contracts";
import type { CallOptions, CreateOptions, Http } from "../http/http.ts";
import { allPages, type Page, type PageQuery } from "../http/page.ts";

export interface ConversationsQuery extends PageQuery {
  readonly device_id?: number;
  readonly status?: Conversation["status"];
  /** Only those with unread messages. */
  readonly unread?: boolean;
  /** Part of the contact's name, or the beginning of the number. */
  readonly search?: string;
}

const path = (id: string, action = "") => `/api/v1/conversations/${encodeURIComponent(id)}${action}`;

/** What devices and contacts have said to each other. */
export class Conversations {
  readonly #http: Http;

  constructor(http: Http) {
    this.#http = http;
  }

  /** Those with the newest messages first. */
  list(query: ConversationsQuery = {}, options?: CallOptions): Promise<Page<Conversation>> {
    return this.#http.get("/api/v1/conversations", { ...query }, options);
  }

  get(id: string, options?: CallOptions): Promise<Conversation> {
    return this.#http.get(path(id), {}, options);
  }

  /** Begins a conversation with a number, or finds the one that there is. Nothing is sent by it. */
  begin(conversation: ConversationCreate, options?: CallOptions): Promise<Conversation> {
    return this.#http.post("/api/v1/conversations", conversation, options);
  }

  /** Newest first, of both sides, messages of campaigns included. */
  messages(id: string, query: PageQuery = {}, options?: CallOptions): Promise<Page<ChatMessage>> {
    return this.#http.get(path(id, "/messages"), { ...query }, options);
  }

  allMessages(id: string, options?: CallOptions): AsyncGenerator<ChatMessage, void> {
    return allPages((cursor) =>
      this.messages(id, { limit: 200, ...(cursor === undefined ? {} : { cursor }) }, options),
    );
  }

  /** Sent by the conversation's own device, before all campaigns. */
  reply(id: string, reply: ReplyCreate, options?: CreateOptions): Promise<ChatMessage> {
    return this.#http.post(path(id, "/messages"), reply, options);
  }

  markRead(id: string, options?: CallOptions): Promise<Conversation> {
    return this.#http.post(path(id, "/read"), undefined, options);
  }

  close(id: string, options?: CallOptions): Promise<Conversation> {
    return this.patch(id, { status: "closed" }, options);
  }

  open(id: string, options?: CallOptions): Promise<Conversation> {
    return this.patch(id, { status: "open" }, options);
  }

  /** Keeps the bot quiet for a while (`handed_over: true`), or hands the conversation back to it. */
  patch(id: string, patch: ConversationPatch, options?: CallOptions): Promise<Conversation> {
    return this.#http.patch(path(id), patch, options);
  }
}

export interface ContactsQuery extends PageQuery {
  readonly search?: string;
}

const contactPath = (id: string) => `/api/v1/contacts/${encodeURIComponent(id)}`;

/** Who writes to the devices, or is written to by people. */
export class Contacts {
  readonly #http: Http;

  constructor(http: Http) {
    this.#http = http;
  }

  list(query: ContactsQuery = {}, options?: CallOptions): Promise<Page<Contact>> {
    return this.#http.get("/api/v1/contacts", { ...query }, options);
  }

  get(id: string, options?: CallOptions): Promise<Contact> {
    return this.#http.get(contactPath(id), {}, options);
  }

  patch(id: string, patch: ContactPatch, options?: CallOptions): Promise<Contact> {
    return this.#http.patch(contactPath(id), patch, options);
  }
}

/** The files of messages. */
export class Media {
  readonly #http: Http;

  constructor(http: Http) {
    this.#http = http;
  }

  /** A file for a reply: its content type says what kind of message it becomes. */
  upload(file: Blob, options: CreateOptions & { readonly fileName?: string } = {}): Promise<ChatMedia> {
    const { fileName = "file", ...rest } = options;
    const form = new FormData();
    form.append("file", file, fileName);
    return this.#http.post("/api/v1/media", form, rest);
  }

  /** Rejects with 409 while it is still being fetched from the provider. */
  download(id: string, options?: CallOptions): Promise<Blob> {
    return this.#http.getBlob(`/api/v1/media/${encodeURIComponent(id)}`, options);
  }
}
