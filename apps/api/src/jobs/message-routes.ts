import {
  messageDetailSchema,
  messageRowSchema,
  messagesQueryFilters,
  pageOf,
  pageQuery,
} from "@pregonero/contracts";
import { findJob, findMessage, listMessages, type Database } from "@pregonero/db";
import { maskPhone, normalizePhone } from "@pregonero/domain";
import { z } from "zod";
import { mayActAs, type Principal } from "../auth/index.ts";
import { notFound } from "../http/problem.ts";
import { defineRoute, reply, type Route } from "../http/route.ts";

export interface MessageDeps {
  readonly db: Database;
  readonly country: string | undefined;
}

const tag = "Messages";

export function messageRoutes(deps: MessageDeps): Route[] {
  return [listRoute(deps), getRoute(deps)];
}

/** Viewers see figures, not whom they are about. */
function shown<Row extends { phone: string }>(row: Row, principal: Principal): Row {
  return mayActAs(principal, "operator") ? row : { ...row, phone: maskPhone(row.phone) };
}

function listRoute({ db, country }: MessageDeps): Route {
  return defineRoute({
    method: "get",
    path: "/api/v1/jobs/{id}/messages",
    tag,
    summary: "List the messages of a job, in its order",
    role: "viewer",
    params: z.object({ id: z.uuid() }),
    query: pageQuery(messagesQueryFilters),
    responses: { 200: pageOf(messageRowSchema) },
    handler: async ({ principal, params: { id }, query }) => {
      if (!(await findJob(db.pool, principal.tenantId, id))) throw notFound(`job with the id ${id}`);
      const { state, device_id: deviceId, phone, limit, cursor } = query;
      const page = await listMessages(db, id, {
        state,
        deviceId,
        phone: digitsOf(phone, country),
        limit,
        cursor,
      });
      return reply(200, { ...page, items: page.items.map((row) => shown(row, principal)) });
    },
  });
}

/** What is no number matches none. */
function digitsOf(phone: string | undefined, country: string | undefined): string | undefined {
  if (phone === undefined) return undefined;
  const normalized = normalizePhone(phone, country);
  return normalized.ok ? normalized.phone : "";
}

function getRoute({ db }: MessageDeps): Route {
  return defineRoute({
    method: "get",
    path: "/api/v1/jobs/{id}/messages/{message_id}",
    tag,
    summary: "Get a message with its text and its history",
    role: "viewer",
    params: z.object({ id: z.uuid(), message_id: z.uuid() }),
    responses: { 200: messageDetailSchema },
    handler: async ({ principal, params: { id, message_id } }) => {
      const message = await findMessage(db, principal.tenantId, { jobId: id, id: message_id });
      if (!message) throw notFound(`message with the id ${message_id} in that job`);
      return reply(200, shown(message, principal));
    },
  });
}
