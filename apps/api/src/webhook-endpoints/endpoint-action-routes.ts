import {
  webhookDeliveryDetailSchema,
  webhookEndpointWithSecretSchema,
  webhookReplayedSchema,
  webhookReplaySchema,
  webhookSecretRotateSchema,
} from "@pregonero/contracts";
import {
  findWebhookDelivery,
  pingWebhook,
  replayFailedWebhooks,
  rotateWebhookSecret,
  transaction,
  writeAudit,
  type CredentialsKeyring,
  type Database,
} from "@pregonero/db";
import { jsonBody } from "../http/body.ts";
import { ApiProblem } from "../http/problem.ts";
import { defineRoute, reply, type Route } from "../http/route.ts";
import { existingEndpoint, noSuchEndpoint, subject, webhookEndpointParams } from "./endpoint-routes.ts";

interface WebhookActionDeps {
  readonly db: Database;
  /** @throws ApiProblem `not_configured` when the server has no key */
  readonly keyring: () => CredentialsKeyring;
}

const tag = "Webhooks";
const path = "/api/v1/webhook-endpoints";
const hourMs = 60 * 60_000;

export function webhookActionRoutes(deps: WebhookActionDeps): Route[] {
  return [rotateRoute(deps), pingRoute(deps), replayFailedRoute(deps)];
}

function rotateRoute({ db, keyring }: WebhookActionDeps): Route {
  return defineRoute({
    method: "post",
    path: `${path}/{id}/rotate-secret`,
    tag,
    summary: "Give an endpoint a new secret",
    description:
      "For `overlap_hours` deliveries carry a signature with the former secret too, so that the receiver can change over without missing any. With 0 the former one is worth nothing from now on.",
    role: "admin",
    params: webhookEndpointParams,
    body: jsonBody(webhookSecretRotateSchema),
    responses: { 200: webhookEndpointWithSecretSchema },
    problems: ["not_configured"],
    handler: async ({ principal, params: { id }, body: { overlap_hours } }) => {
      const request = { tenantId: principal.tenantId, id, overlapMs: overlap_hours * hourMs };
      const rotated = await transaction(db, async (tx) => {
        const after = await rotateWebhookSecret(tx, keyring(), request);
        if (!after) throw noSuchEndpoint(id);
        const detail = { overlap_hours };
        await writeAudit(tx, principal, { action: "webhook_endpoint.rotate", subject: subject(id), detail });
        return after;
      });
      return reply(200, rotated);
    },
  });
}

function pingRoute({ db }: WebhookActionDeps): Route {
  return defineRoute({
    method: "post",
    path: `${path}/{id}/ping`,
    tag,
    summary: "Send an endpoint a test event",
    description: "Answers at once with the delivery; look at it again to see what became of it.",
    role: "operator",
    params: webhookEndpointParams,
    responses: { 202: webhookDeliveryDetailSchema },
    problems: ["conflict"],
    handler: async ({ principal, params: { id } }) => {
      const { tenantId } = principal;
      const endpoint = await existingEndpoint(db.pool, tenantId, id);
      if (!endpoint.enabled) throw new ApiProblem("conflict", "The endpoint is disabled. Enable it first.");
      const delivery = await transaction(db, async (tx) => {
        const made = await pingWebhook(tx, tenantId, id);
        await writeAudit(tx, principal, { action: "webhook_endpoint.ping", subject: subject(id) });
        return await findWebhookDelivery(tx, tenantId, made);
      });
      if (!delivery) throw noSuchEndpoint(id);
      return reply(202, delivery);
    },
  });
}

function replayFailedRoute({ db }: WebhookActionDeps): Route {
  return defineRoute({
    method: "post",
    path: `${path}/{id}/replay`,
    tag,
    summary: "Deliver once more what had failed for good",
    description: "Events of the given time, with the same ids.",
    role: "operator",
    params: webhookEndpointParams,
    body: jsonBody(webhookReplaySchema),
    responses: { 202: webhookReplayedSchema },
    handler: async ({ principal, params: { id }, body }) => {
      const { tenantId } = principal;
      const replayed = await transaction(db, async (tx) => {
        await existingEndpoint(tx, tenantId, id);
        const count = await replayFailedWebhooks(tx, { tenantId, endpointId: id }, body);
        const detail = { since: body.since, until: body.until ?? null, replayed: count };
        await writeAudit(tx, principal, { action: "webhook_endpoint.replay", subject: subject(id), detail });
        return count;
      });
      return reply(202, { replayed });
    },
  });
}
