import type { ChatMessage, Conversation, CrmEvent } from "@pregonero/contracts";
import { busChannel } from "@pregonero/contracts";
import { EventBus } from "@pregonero/queue";
import { inject, vi } from "vitest";
import type { TestApi } from "../support/api.ts";
import { inboundBody, postCloud, type ReportingDevice } from "../webhooks/reported.ts";

export interface Inbox {
  /** Posts a text of somebody to the device's webhook, as Meta does. */
  says(from: string, text: string, id?: string): Promise<void>;
  conversation(phone: string): Promise<Conversation>;
  history(id: string): Promise<ChatMessage[]>;
}

export function inboxOf(app: () => TestApi, device: () => ReportingDevice): Inbox {
  return {
    async says(from, text, id = crypto.randomUUID()) {
      const timestamp = String(Math.floor(Date.now() / 1_000));
      const body = inboundBody([{ from, id, type: "text", text: { body: text }, timestamp }]);
      const answer = await postCloud(app(), device(), body);
      if (answer.status !== 200) throw new Error(`the webhook answered ${answer.status}`);
    },
    async conversation(phone) {
      const { body } = await app().call<{ items: Conversation[] }>(
        "GET",
        `/api/v1/conversations?search=${phone}&device_id=${device().id}`,
      );
      const [found] = body.items;
      if (!found) throw new Error(`no conversation with ${phone}`);
      return found;
    },
    async history(id) {
      const { body } = await app().call<{ items: ChatMessage[] }>(
        "GET",
        `/api/v1/conversations/${id}/messages`,
      );
      return body.items;
    },
  };
}

/** What a tenant's CRM is told from now on. */
export async function listen(app: TestApi, tenantId = app.tenantId) {
  const bus = new EventBus({ url: inject("redisUrl"), prefix: app.redisPrefix, name: "test" });
  const events: CrmEvent[] = [];
  const at: number[] = [];
  bus.subscribe(busChannel.crm(tenantId), (event) => {
    if (event.type !== "crm") return;
    events.push(event.event);
    at.push(performance.now());
  });
  await vi.waitFor(() => {
    if (!bus.ready) throw new Error("not ready");
  });
  return {
    events,
    at,
    of: <Type extends CrmEvent["type"]>(type: Type) =>
      events.filter((event): event is Extract<CrmEvent, { type: Type }> => event.type === type),
    [Symbol.asyncDispose]: () => bus.close(),
  };
}
