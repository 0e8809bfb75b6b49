import {
  apiKeyCreatedSchema,
  apiKeyCreateSchema,
  apiKeySchema,
  pageOf,
  pageQuery,
} from "@pregonero/contracts";
import {
  createApiKey,
  listApiKeys,
  revokeApiKey,
  transaction,
  writeAudit,
  type Database,
} from "@pregonero/db";
import { z } from "zod";
import { jsonBody } from "../http/body.ts";
import { ApiProblem, notFound } from "../http/problem.ts";
import { defineRoute, reply, type Route } from "../http/route.ts";

export interface ApiKeyDeps {
  readonly db: Database;
}

const tag = "API keys";

export function apiKeyRoutes(deps: ApiKeyDeps): Route[] {
  return [listRoute(deps), createRoute(deps), revokeRoute(deps)];
}

function listRoute({ db }: ApiKeyDeps): Route {
  return defineRoute({
    method: "get",
    path: "/api/v1/api-keys",
    tag,
    summary: "List API keys, newest first",
    role: "admin",
    query: pageQuery({}),
    responses: { 200: pageOf(apiKeySchema) },
    handler: async ({ principal, query }) => reply(200, await listApiKeys(db, principal.tenantId, query)),
  });
}

/** Takes no idempotency key: the answer holds a secret, which is stored nowhere. */
function createRoute({ db }: ApiKeyDeps): Route {
  return defineRoute({
    method: "post",
    path: "/api/v1/api-keys",
    tag,
    summary: "Create an API key",
    description: "The answer is the only place where the key is ever shown.",
    role: "admin",
    body: jsonBody(apiKeyCreateSchema),
    responses: { 201: apiKeyCreatedSchema },
    handler: async ({ principal, body }) => {
      if (body.expires_at !== undefined && Date.parse(body.expires_at) <= Date.now()) {
        throw new ApiProblem("validation_failed", "expires_at lies in the past.");
      }
      const key = await transaction(db, async (tx) => {
        const made = await createApiKey(tx, { ...body, tenantId: principal.tenantId });
        const detail = { name: made.name, role: made.role };
        await writeAudit(tx, principal, { action: "api_key.create", subject: `api_key:${made.id}`, detail });
        return made;
      });
      return reply(201, key);
    },
  });
}

function revokeRoute({ db }: ApiKeyDeps): Route {
  return defineRoute({
    method: "delete",
    path: "/api/v1/api-keys/{id}",
    tag,
    summary: "Revoke an API key, at once",
    role: "admin",
    params: z.object({ id: z.uuid() }),
    responses: { 204: null },
    handler: async ({ principal, params: { id } }) => {
      await transaction(db, async (tx) => {
        if (!(await revokeApiKey(tx, principal.tenantId, id))) throw notFound(`API key with the id ${id}`);
        await writeAudit(tx, principal, { action: "api_key.revoke", subject: `api_key:${id}` });
      });
      return reply(204, null);
    },
  });
}
