import {
  notificationSchema,
  notificationsQueryFilters,
  notificationTestSchema,
  pageOf,
  pageQuery,
  signingSecretSchema,
} from "@pregonero/contracts";
import {
  insertTestNotification,
  listNotifications,
  notificationSecret,
  writeAudit,
  type CredentialsKeyring,
  type Database,
} from "@pregonero/db";
import { jsonBody } from "../http/body.ts";
import { createOnce } from "../http/idempotency.ts";
import { ApiProblem } from "../http/problem.ts";
import { defineRoute, reply, type Route } from "../http/route.ts";

const tag = "Notifications";

export interface NotificationDeps {
  readonly db: Database;
  readonly keyring: CredentialsKeyring | null;
}

/** The log of what was told to whom, and what recipients need to believe it. */
export function notificationRoutes(deps: NotificationDeps): Route[] {
  return [listRoute(deps), testRoute(deps), secretRoute(deps)];
}

function secretRoute({ keyring }: NotificationDeps): Route {
  return defineRoute({
    method: "get",
    path: "/api/v1/notifications/signing-secret",
    tag,
    summary: "Get the secret under which notifications by webhook are signed",
    description:
      "The header `X-Pregonero-Signature` is `t=<unix seconds>,v1=<hex>`: the HMAC-SHA256 of `<t>.<body>` under this secret.",
    role: "admin",
    responses: { 200: signingSecretSchema },
    problems: ["not_configured"],
    handler: ({ principal }) => {
      if (keyring === null)
        throw new ApiProblem("not_configured", "Notifications are not signed: CREDENTIALS_KEY is not set.");
      return Promise.resolve(
        reply(200, { secret: notificationSecret(keyring.current.key, principal.tenantId) }),
      );
    },
  });
}

function listRoute({ db }: NotificationDeps): Route {
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

function testRoute({ db }: NotificationDeps): Route {
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
