import {
  pageOf,
  pageQuery,
  webhookDeliveryDetailSchema,
  webhookDeliveryFilters,
  webhookDeliverySchema,
  type WebhookDeliveryDetail,
} from "@pregonero/contracts";
import {
  findWebhookDelivery,
  listWebhookDeliveries,
  replayWebhookDelivery,
  transaction,
  writeAudit,
  type Database,
  type Queryable,
} from "@pregonero/db";
import { z } from "zod";
import { ApiProblem, notFound } from "../http/problem.ts";
import { defineRoute, reply, type Route } from "../http/route.ts";

interface DeliveryDeps {
  readonly db: Database;
}

const tag = "Webhooks";
const path = "/api/v1/webhook-deliveries";
const deliveryParams = z.object({ id: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER) });

export function webhookDeliveryRoutes(deps: DeliveryDeps): Route[] {
  return [listRoute(deps), getRoute(deps), replayRoute(deps)];
}

async function existing(db: Queryable, tenantId: number, id: number): Promise<WebhookDeliveryDetail> {
  const delivery = await findWebhookDelivery(db, tenantId, id);
  if (!delivery) throw notFound(`webhook delivery with the id ${id}`);
  return delivery;
}

function listRoute({ db }: DeliveryDeps): Route {
  return defineRoute({
    method: "get",
    path,
    tag,
    summary: "List deliveries, newest first",
    role: "operator",
    query: pageQuery(webhookDeliveryFilters),
    responses: { 200: pageOf(webhookDeliverySchema) },
    handler: async ({ principal, query }) => {
      const { endpoint_id: endpointId, event_type: eventType, ...rest } = query;
      return reply(
        200,
        await listWebhookDeliveries(db.pool, principal.tenantId, { endpointId, eventType, ...rest }),
      );
    },
  });
}

function getRoute({ db }: DeliveryDeps): Route {
  return defineRoute({
    method: "get",
    path: `${path}/{id}`,
    tag,
    summary: "Get a delivery with what is posted, every try and the last answer",
    role: "operator",
    params: deliveryParams,
    responses: { 200: webhookDeliveryDetailSchema },
    handler: async ({ principal, params: { id } }) =>
      reply(200, await existing(db.pool, principal.tenantId, id)),
  });
}

function replayRoute({ db }: DeliveryDeps): Route {
  return defineRoute({
    method: "post",
    path: `${path}/{id}/replay`,
    tag,
    summary: "Deliver once more",
    description: "With the same event id, whatever became of it before.",
    role: "operator",
    params: deliveryParams,
    responses: { 202: webhookDeliveryDetailSchema },
    problems: ["conflict"],
    handler: async ({ principal, params: { id } }) => {
      const delivery = await transaction(db, async (tx) => {
        await existing(tx, principal.tenantId, id);
        if (!(await replayWebhookDelivery(tx, principal.tenantId, id)))
          throw new ApiProblem("conflict", "It is being delivered right now.");
        await writeAudit(tx, principal, {
          action: "webhook_delivery.replay",
          subject: `webhook_delivery:${id}`,
        });
        return await existing(tx, principal.tenantId, id);
      });
      return reply(202, delivery);
    },
  });
}
