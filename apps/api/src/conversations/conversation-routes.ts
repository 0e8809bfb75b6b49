import type { ChatNews } from "@pregonero/chat";
import {
  conversationCreateSchema,
  conversationPatchSchema,
  conversationSchema,
  conversationsQueryFilters,
  pageOf,
  pageQuery,
  type Conversation,
} from "@pregonero/contracts";
import {
  beginConversation,
  createCommand,
  findConversation,
  findDevice,
  listConversations,
  markConversationRead,
  patchConversation,
  transaction,
  writeAudit,
  type Database,
  type Queryable,
} from "@pregonero/db";
import { maskPhone } from "@pregonero/domain";
import { z } from "zod";
import type { Announcer } from "../events/announcer.ts";
import { jsonBody } from "../http/body.ts";
import { ApiProblem, notFound } from "../http/problem.ts";
import { defineRoute, reply, type Route } from "../http/route.ts";
import { validPhones } from "../intake/valid-phones.ts";
import { shown } from "./shown.ts";

export interface ConversationDeps {
  readonly db: Database;
  readonly announcer: Announcer;
  readonly news: ChatNews;
  readonly country: string | undefined;
}

export const conversationTag = "Conversations";
export const conversationPath = "/api/v1/conversations/{id}";
export const conversationParams = z.object({ id: z.uuid() });

export function conversationRoutes(deps: ConversationDeps): Route[] {
  return [listRoute(deps), beginRoute(deps), getRoute(deps), patchRoute(deps), readRoute(deps)];
}

/** @throws ApiProblem 404 */
export async function ownConversation(db: Queryable, tenantId: number, id: string): Promise<Conversation> {
  const conversation = await findConversation(db, tenantId, id);
  if (!conversation) throw notFound(`conversation with the id ${id}`);
  return conversation;
}

function listRoute({ db }: ConversationDeps): Route {
  return defineRoute({
    method: "get",
    path: "/api/v1/conversations",
    tag: conversationTag,
    summary: "List conversations, those with the newest messages first",
    description:
      "Messages of campaigns are in the history of a conversation but do not move it in this list.",
    role: "viewer",
    query: pageQuery(conversationsQueryFilters),
    responses: { 200: pageOf(conversationSchema) },
    handler: async ({ principal, query }) => {
      const { device_id: deviceId, ...filters } = query;
      const page = await listConversations(db, principal.tenantId, { deviceId, ...filters });
      return reply(200, { ...page, items: page.items.map((item) => shown(item, principal)) });
    },
  });
}

function beginRoute({ db, news, country }: ConversationDeps): Route {
  return defineRoute({
    method: "post",
    path: "/api/v1/conversations",
    tag: conversationTag,
    summary: "Begin a conversation with a number",
    description: "Nothing is sent by it. The conversation that there is comes back as it is, open.",
    role: "operator",
    body: jsonBody(conversationCreateSchema),
    responses: { 200: conversationSchema, 201: conversationSchema },
    problems: ["unknown_device"],
    handler: async ({ principal, body }) => {
      const { tenantId } = principal;
      const [phone = ""] = validPhones([body.phone], country, () => "phone");
      const { device_id: deviceId, contact_name: contactName = null } = body;
      const { begun, conversation } = await transaction(db, async (tx) => {
        if (!(await findDevice(tx, tenantId, deviceId))) {
          throw new ApiProblem("unknown_device", `There is no device with the id ${deviceId}.`);
        }
        const made = await beginConversation(tx, tenantId, { deviceId, phone, contactName });
        await writeAudit(tx, principal, {
          action: "conversation.begin",
          subject: `conversation:${made.id}`,
          detail: { device: deviceId, phone: maskPhone(phone) },
        });
        return { begun: made.begun, conversation: await ownConversation(tx, tenantId, made.id) };
      });
      news.conversation(tenantId, conversation.id);
      return begun ? reply(201, conversation) : reply(200, conversation);
    },
  });
}

function getRoute({ db }: ConversationDeps): Route {
  return defineRoute({
    method: "get",
    path: conversationPath,
    tag: conversationTag,
    summary: "Get a conversation",
    role: "viewer",
    params: conversationParams,
    responses: { 200: conversationSchema },
    handler: async ({ principal, params: { id } }) =>
      reply(200, shown(await ownConversation(db.pool, principal.tenantId, id), principal)),
  });
}

function patchRoute({ db, news }: ConversationDeps): Route {
  return defineRoute({
    method: "patch",
    path: conversationPath,
    tag: conversationTag,
    summary: "Close or open a conversation, take it over from the bot or hand it back",
    description: "A closed conversation is opened by the next message.",
    role: "operator",
    params: conversationParams,
    body: jsonBody(conversationPatchSchema),
    responses: { 200: conversationSchema },
    handler: async ({ principal, params: { id }, body }) => {
      const conversation = await transaction(db, async (tx) => {
        if (!(await patchConversation(tx, principal.tenantId, id, body)))
          throw notFound(`conversation with the id ${id}`);
        await writeAudit(tx, principal, {
          action: "conversation.change",
          subject: `conversation:${id}`,
          detail: body,
        });
        return await ownConversation(tx, principal.tenantId, id);
      });
      news.conversation(principal.tenantId, id);
      return reply(200, conversation);
    },
  });
}

function readRoute({ db, news, announcer }: ConversationDeps): Route {
  return defineRoute({
    method: "post",
    path: `${conversationPath}/read`,
    tag: conversationTag,
    summary: "Mark a conversation as read",
    description: "WhatsApp is told as well, so that its sender sees it: as far as the device is connected.",
    role: "operator",
    params: conversationParams,
    responses: { 200: conversationSchema },
    handler: async ({ principal, params: { id } }) => {
      const { conversation, tell } = await transaction(db, async (tx) => {
        const before = await ownConversation(tx, principal.tenantId, id);
        const newest = await markConversationRead(tx, before);
        if (newest) {
          const { deviceId, ...params } = newest;
          await createCommand(tx, { deviceId, kind: "mark_read", params });
          await writeAudit(tx, principal, { action: "conversation.read", subject: `conversation:${id}` });
        }
        return { conversation: { ...before, unread_count: 0 }, tell: newest };
      });
      if (tell) {
        announcer.deviceNeedsLook(tell.deviceId);
        news.conversation(principal.tenantId, id);
      }
      return reply(200, conversation);
    },
  });
}
