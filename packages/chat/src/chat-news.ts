import { busChannel, type BotStatus, type CrmEvent } from "@pregonero/contracts";
import {
  conversationKey,
  findChatMessage,
  findConversation,
  findConversationsOf,
  type Database,
  type MovedMessage,
} from "@pregonero/db";
import type { EventBus } from "@pregonero/queue";
import { monotonicMs, type Logger } from "@pregonero/runtime";
import { StatsNews } from "./stats-news.ts";

export interface ChatNewsDeps {
  readonly db: Database;
  readonly bus: EventBus;
  readonly log: Logger;
}

/** A message that moved, as far as conversations care. */
export type MovedInChat = Pick<MovedMessage, "messageId" | "tenantId" | "deviceId" | "phone" | "to">;

type Told = Extract<CrmEvent, { type: "message_status_updated" }>["data"]["status"];

const toldStates: ReadonlySet<string> = new Set(["sent", "delivered", "read", "failed"] satisfies Told[]);
/** Statuses that may wait to be told; beyond it the oldest are left out: rows have them. */
const mostWaiting = 5_000;
const mostAtOnce = 500;

/**
 * Tells a tenant's CRM what was committed. All of it is a courtesy after the commit, told in order and by nobody waited
 * for: what is lost is in the rows.
 */
export class ChatNews {
  readonly #deps: ChatNewsDeps;
  readonly #stats: StatsNews;
  #moved: MovedInChat[] = [];
  #telling: Promise<void> = Promise.resolve();
  #movedQueued = false;
  #closed = false;

  constructor(deps: ChatNewsDeps) {
    this.#deps = deps;
    this.#stats = new StatsNews({ ...deps, publish: (tenantId, event) => this.#publish(tenantId, event) });
  }

  /** New messages of a conversation, which has changed by them. */
  messages(tenantId: number, conversationId: string, messageIds: readonly string[]): void {
    this.#stats.changed(tenantId);
    this.#tell("messages of a conversation", async () => {
      const conversation = await findConversation(this.#deps.db.pool, tenantId, conversationId);
      if (conversation === null) return;
      for (const id of messageIds) {
        const message = await findChatMessage(this.#deps.db.pool, conversation, id);
        if (message === null) continue;
        await this.#publish(tenantId, { type: "new_message", data: { message, conversation } });
      }
      await this.#publish(tenantId, { type: "conversation_updated", data: { conversation } });
    });
  }

  /** A conversation changed otherwise: read, closed, its contact renamed, … */
  conversation(tenantId: number, conversationId: string): void {
    this.#stats.changed(tenantId);
    this.#tell("a conversation", async () => {
      const conversation = await findConversation(this.#deps.db.pool, tenantId, conversationId);
      if (conversation === null) return;
      await this.#publish(tenantId, { type: "conversation_updated", data: { conversation } });
    });
  }

  botStatus(tenantId: number, botStatus: BotStatus): void {
    this.#tell("the bot's status", () =>
      this.#publish(tenantId, { type: "bot_status_changed", data: { botStatus } }),
    );
  }

  /** Messages moved, whatever they belong to: those of conversations are told, and the figures changed. */
  moved(messages: readonly MovedInChat[]): void {
    const news = messages.filter(({ to }) => toldStates.has(to));
    for (const { tenantId } of news) this.#stats.changed(tenantId);
    this.#moved.push(...news);
    if (this.#moved.length > mostWaiting) this.#moved = this.#moved.slice(-mostWaiting);
    if (this.#moved.length === 0 || this.#movedQueued) return;
    this.#movedQueued = true;
    this.#tell("statuses of messages", () => this.#tellMoved());
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#stats.close();
    await this.#telling;
  }

  async #tellMoved(): Promise<void> {
    this.#movedQueued = false;
    while (this.#moved.length > 0) {
      const batch = this.#moved.splice(0, mostAtOnce);
      const keys = batch.flatMap(({ deviceId, phone }) => (deviceId === null ? [] : [{ deviceId, phone }]));
      const conversations = await findConversationsOf(this.#deps.db.pool, keys);
      for (const { tenantId, deviceId, phone, messageId, to } of batch) {
        const conversation_id =
          deviceId === null ? undefined : conversations.get(conversationKey(deviceId, phone));
        if (conversation_id === undefined) continue;
        await this.#publish(tenantId, {
          type: "message_status_updated",
          data: { message_id: messageId, conversation_id, status: to as Told },
        });
      }
    }
  }

  #tell(what: string, work: () => Promise<unknown>): void {
    if (this.#closed) return;
    const sinceMs = monotonicMs();
    this.#telling = this.#telling.then(async () => {
      try {
        await work();
      } catch (error) {
        this.#deps.log.warn("news could not be told", { what, waitedMs: monotonicMs() - sinceMs, error });
      }
    });
  }

  async #publish(tenantId: number, event: CrmEvent): Promise<void> {
    await this.#deps.bus.append(busChannel.crm(tenantId), { type: "crm", tenantId, event });
  }
}
