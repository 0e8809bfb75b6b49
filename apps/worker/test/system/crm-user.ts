import type { ChatMedia, ChatMessage, Conversation } from "@pregonero/contracts";
import { createApiKey } from "@pregonero/db";
import type { Fleet } from "./fleet.ts";
import { until } from "./fleet.ts";

/** Somebody who answers conversations over the REST API of a fleet. */
export class CrmUser {
  readonly #url: string;
  readonly #key: string;

  private constructor(url: string, key: string) {
    this.#url = url;
    this.#key = key;
  }

  static async of(fleet: Fleet, apiUrl: string): Promise<CrmUser> {
    const key = await createApiKey(fleet.db.pool, {
      tenantId: fleet.tenantId,
      name: "crm",
      role: "operator",
    });
    return new CrmUser(apiUrl, key.key);
  }

  /** Those that the search finds, newest first; all without one. */
  async conversations(deviceId: number, search = ""): Promise<Conversation[]> {
    const query = `device_id=${deviceId}${search === "" ? "" : `&search=${encodeURIComponent(search)}`}`;
    return (await this.#call<{ items: Conversation[] }>("GET", `/api/v1/conversations?${query}`)).items;
  }

  async conversation(deviceId: number, search: string): Promise<Conversation | undefined> {
    return (await this.conversations(deviceId, search))[0];
  }

  /** Waits until there is one that holds what is wanted. */
  async conversationWhere(
    deviceId: number,
    search: string,
    holds: (conversation: Conversation) => boolean = () => true,
  ): Promise<Conversation> {
    let found: Conversation | undefined;
    await until(async () => {
      found = (await this.conversations(deviceId, search)).find(holds);
      return found !== undefined;
    }, 15_000);
    if (!found) throw new Error("no conversation");
    return found;
  }

  async messages(id: string): Promise<ChatMessage[]> {
    return (await this.#call<{ items: ChatMessage[] }>("GET", `/api/v1/conversations/${id}/messages`)).items;
  }

  async messageWhere(id: string, holds: (message: ChatMessage) => boolean): Promise<ChatMessage> {
    let found: ChatMessage | undefined;
    await until(async () => {
      found = (await this.messages(id)).find(holds);
      return found !== undefined;
    }, 15_000);
    if (!found) throw new Error("no such message");
    return found;
  }

  reply(id: string, reply: { text?: string; media_id?: string }): Promise<ChatMessage> {
    return this.#call("POST", `/api/v1/conversations/${id}/messages`, JSON.stringify(reply));
  }

  markRead(id: string): Promise<Conversation> {
    return this.#call("POST", `/api/v1/conversations/${id}/read`);
  }

  upload(content: Buffer, type: string, name: string): Promise<ChatMedia> {
    const form = new FormData();
    form.append("file", new Blob([new Uint8Array(content)], { type }), name);
    return this.#call("POST", "/api/v1/media", form);
  }

  async download(id: string): Promise<Buffer> {
    const response = await fetch(`${this.#url}/api/v1/media/${id}`, {
      headers: { authorization: `Bearer ${this.#key}` },
    });
    if (!response.ok) throw new Error(`the file answers ${response.status}`);
    return Buffer.from(await response.arrayBuffer());
  }

  async #call<T>(method: string, path: string, body?: string | FormData): Promise<T> {
    const headers = new Headers({ authorization: `Bearer ${this.#key}` });
    if (typeof body === "string") headers.set("content-type", "application/json");
    const response = await fetch(`${this.#url}${path}`, { method, headers, ...(body ? { body } : {}) });
    if (!response.ok)
      throw new Error(`${method} ${path} answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as T;
  }
}
