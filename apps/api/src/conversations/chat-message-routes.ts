import { chatMessageSchema, pageOf, pageQuery, replyCreateSchema } from "@pregonero/contracts";
import { listChatMessages, type Database } from "@pregonero/db";
import { jsonBody } from "../http/body.ts";
import { defineRoute, reply, type Route } from "../http/route.ts";
import {
  conversationParams,
  conversationPath,
  conversationTag as tag,
  ownConversation,
} from "./conversation-routes.ts";
import type { ReplyDesk } from "./reply-desk.ts";

export interface ChatMessageDeps {
  readonly db: Database;
  readonly replies: ReplyDesk;
}

const path = `${conversationPath}/messages`;

export function chatMessageRoutes({ db, replies }: ChatMessageDeps): Route[] {
  return [
    defineRoute({
      method: "get",
      path,
      tag,
      summary: "List what was said in a conversation, newest first",
      description: "Of both sides, messages of campaigns included.",
      role: "viewer",
      params: conversationParams,
      query: pageQuery({}),
      responses: { 200: pageOf(chatMessageSchema) },
      handler: async ({ principal, params: { id }, query }) => {
        const conversation = await ownConversation(db.pool, principal.tenantId, id);
        return reply(200, await listChatMessages(db.pool, conversation, query));
      },
    }),
    defineRoute({
      method: "post",
      path,
      tag,
      summary: "Answer in a conversation",
      description:
        "From the conversation's own device, before all campaigns. Marks the conversation as read and keeps the bot quiet for a while.",
      role: "operator",
      params: conversationParams,
      body: jsonBody(replyCreateSchema),
      idempotent: true,
      responses: { 202: chatMessageSchema },
      problems: ["conflict"],
      handler: async ({ principal, params: { id }, body, idempotency }) =>
        await replies.place(principal, id, body, idempotency),
    }),
  ];
}
