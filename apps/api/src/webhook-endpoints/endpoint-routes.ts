import {
  webhookCatalogue,
  webhookEndpointCreateSchema,
  webhookEndpointPatchSchema,
  webhookEndpointSchema,
  webhookEndpointWithSecretSchema,
  webhookEventTypesSchema,
  type WebhookEndpoint,
} from "@pregonero/contracts";
import {
  createWebhookEndpoint,
  deleteWebhookEndpoint,
  findWebhookEndpoint,
  listWebhookEndpoints,
  patchWebhookEndpoint,
  transaction,
  writeAudit,
  type CredentialsKeyring,
  type Database,
  type Queryable,
} from "@pregonero/db";
import type { OutboundGuard } from "@pregonero/outbound";
import { z } from "zod";
import { jsonBody } from "../http/body.ts";
import { ApiProblem, notFound } from "../http/problem.ts";
import { defineRoute, reply, type Route } from "../http/route.ts";
import { checkEndpointUrl } from "./endpoint-url.ts";

export interface WebhookEndpointDeps {
  readonly db: Database;
  readonly guard: OutboundGuard;
  /** @throws ApiProblem `not_configured` when the server has no key */
  readonly keyring: () => CredentialsKeyring;
}

const tag = "Webhooks";
const path = "/api/v1/webhook-endpoints";
export const webhookEndpointParams = z.object({ id: z.uuid() });

/** Each event is written once for each endpoint that wants it. */
const mostEndpoints = 20;

export function webhookEndpointRoutes(deps: WebhookEndpointDeps): Route[] {
  return [
    typesRoute(),
    listRoute(deps),
    createRoute(deps),
    getRoute(deps),
    patchRoute(deps),
    deleteRoute(deps),
  ];
}

/** @throws ApiProblem `not_found` */
export async function existingEndpoint(
  db: Queryable,
  tenantId: number,
  id: string,
): Promise<WebhookEndpoint> {
  const endpoint = await findWebhookEndpoint(db, tenantId, id);
  if (!endpoint) throw noSuchEndpoint(id);
  return endpoint;
}

export const noSuchEndpoint = (id: string): ApiProblem => notFound(`webhook endpoint with the id ${id}`);
export const subject = (id: string): string => `webhook_endpoint:${id}`;

function typesRoute(): Route {
  return defineRoute({
    method: "get",
    path: "/api/v1/webhook-event-types",
    tag,
    summary: "List what webhooks tell",
    description: "With the JSON Schema of each event's data.",
    role: "viewer",
    responses: { 200: webhookEventTypesSchema },
    handler: async () => {
      const items = Object.entries(webhookCatalogue).map(([type, { tells, data }]) => ({
        type,
        tells,
        data: z.toJSONSchema(data) as Record<string, unknown>,
      }));
      return reply(200, { items });
    },
  });
}

function listRoute({ db }: WebhookEndpointDeps): Route {
  return defineRoute({
    method: "get",
    path,
    tag,
    summary: "List the endpoints that are told what happens",
    role: "operator",
    responses: { 200: z.object({ items: z.array(webhookEndpointSchema) }) },
    handler: async ({ principal }) =>
      reply(200, { items: await listWebhookEndpoints(db.pool, principal.tenantId) }),
  });
}

function getRoute({ db }: WebhookEndpointDeps): Route {
  return defineRoute({
    method: "get",
    path: `${path}/{id}`,
    tag,
    summary: "Get an endpoint",
    role: "operator",
    params: webhookEndpointParams,
    responses: { 200: webhookEndpointSchema },
    handler: async ({ principal, params: { id } }) =>
      reply(200, await existingEndpoint(db.pool, principal.tenantId, id)),
  });
}

/** Takes no idempotency key: the answer holds a secret, which is kept nowhere in the open. */
function createRoute({ db, guard, keyring }: WebhookEndpointDeps): Route {
  return defineRoute({
    method: "post",
    path,
    tag,
    summary: "Have an address told what happens",
    description:
      "The answer has the secret that deliveries are signed with; no other call shows it. Addresses in private networks are refused.",
    role: "admin",
    body: jsonBody(webhookEndpointCreateSchema),
    responses: { 201: webhookEndpointWithSecretSchema },
    problems: ["conflict", "not_configured"],
    handler: async ({ principal, body }) => {
      const request = { ...body, tenantId: principal.tenantId, most: mostEndpoints };
      await checkEndpointUrl(guard, body.url);
      const endpoint = await transaction(db, async (tx) => {
        const made = await createWebhookEndpoint(tx, keyring(), request);
        if (!made) throw new ApiProblem("conflict", `There are ${mostEndpoints} endpoints already.`);
        const detail = { host: new URL(made.url).host, event_types: made.event_types };
        await writeAudit(tx, principal, {
          action: "webhook_endpoint.create",
          subject: subject(made.id),
          detail,
        });
        return made;
      });
      return reply(201, endpoint);
    },
  });
}

function patchRoute({ db, guard }: WebhookEndpointDeps): Route {
  return defineRoute({
    method: "patch",
    path: `${path}/{id}`,
    tag,
    summary: "Change an endpoint",
    description: "While it is disabled no events are written for it.",
    role: "admin",
    params: webhookEndpointParams,
    body: jsonBody(webhookEndpointPatchSchema),
    responses: { 200: webhookEndpointSchema },
    handler: async ({ principal, params: { id }, body }) => {
      if (body.url !== undefined) await checkEndpointUrl(guard, body.url);
      const changed = await transaction(db, async (tx) => {
        const after = await patchWebhookEndpoint(tx, { tenantId: principal.tenantId, id }, body);
        if (!after) throw noSuchEndpoint(id);
        const detail = { fields: Object.keys(body), enabled: after.enabled };
        await writeAudit(tx, principal, { action: "webhook_endpoint.change", subject: subject(id), detail });
        return after;
      });
      return reply(200, changed);
    },
  });
}

function deleteRoute({ db }: WebhookEndpointDeps): Route {
  return defineRoute({
    method: "delete",
    path: `${path}/{id}`,
    tag,
    summary: "Tell an endpoint no more",
    description: "What was still owed to it is dropped, and its log goes with it.",
    role: "admin",
    params: webhookEndpointParams,
    responses: { 204: null },
    handler: async ({ principal, params: { id } }) => {
      await transaction(db, async (tx) => {
        if (!(await deleteWebhookEndpoint(tx, principal.tenantId, id))) throw noSuchEndpoint(id);
        await writeAudit(tx, principal, { action: "webhook_endpoint.delete", subject: subject(id) });
      });
      return reply(204, null);
    },
  });
}
