import {
  notificationSchema,
  notificationsQueryFilters,
  notificationTestSchema,
  pageOf,
  pageQuery,
} from "@pregonero/contracts";
import { insertTestNotification, listNotifications, writeAudit, type Database } from "@pregonero/db";
import { jsonBody } from "../http/body.ts";
import { createOnce } from "../http/idempotency.ts";
import { defineRoute, reply, type Route } from "../http/route.ts";

const tag = "Notifications";

/** The log of what was told to whom. */
export function notificationRoutes(deps: { readonly db: Database }): Route[] {
  return [listRoute(deps), testRoute(deps)];
}

function listRoute({ db }: { readonly db: Database }): Route {
  return defineRoute({
    method: "get",
    path: "/api/v1/notifications",
    tag,
    summary: "List what was told to whom, newest first, and whether it came through",
    role: "operator",
    query: pageQuery(notificationsQueryFilters),
    responses: { 200: pageOf(notificationSchema) },
    handler: async ({ principal, query }) =>
      reply(200, await listNotifications(db.pool, principal.tenantId, query)),
  });
}

function testRoute({ db }: { readonly db: Database }): Route {
  return defineRoute({
    method: "post",
    path: "/api/v1/notifications/test",
    tag,
    summary: "Tell somebody nothing in particular, to see whether it arrives",
    description: "The answer comes before it is sent; the list shows what became of it.",
    role: "admin",
    body: jsonBody(notificationTestSchema),
    idempotent: true,
    responses: { 202: notificationSchema },
    handler: async ({ principal, body: { email, webhook_url }, idempotency }) =>
      await createOnce(db, { tenantId: principal.tenantId, idempotency }, async (tx) => {
        const channel = email === undefined ? "webhook" : "email";
        const recipient = email ?? webhook_url ?? "";
        const made = await insertTestNotification(tx, principal, { channel, recipient });
        await writeAudit(tx, principal, { action: "notification.test", subject: `notification:${made.id}` });
        return { made, reply: reply(202, made) };
      }),
  });
}
