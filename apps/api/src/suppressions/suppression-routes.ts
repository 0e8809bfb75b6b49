import {
  pageOf,
  pageQuery,
  suppressionCreateSchema,
  suppressionSchema,
  type Suppression,
} from "@pregonero/contracts";
import {
  addSuppression,
  listSuppressions,
  removeSuppression,
  transaction,
  writeAudit,
  type Database,
} from "@pregonero/db";
import { maskPhone, normalizePhone } from "@pregonero/domain";
import { z } from "zod";
import { mayActAs } from "../auth/index.ts";
import { jsonBody } from "../http/body.ts";
import { createOnce } from "../http/idempotency.ts";
import { notFound } from "../http/problem.ts";
import { defineRoute, reply, type Route } from "../http/route.ts";
import { validPhones } from "../intake/valid-phones.ts";

export interface SuppressionDeps {
  readonly db: Database;
  readonly country: string | undefined;
}

const tag = "Suppressions";

export function suppressionRoutes(deps: SuppressionDeps): Route[] {
  return [listRoute(deps), addRoute(deps), removeRoute(deps)];
}

function listRoute({ db }: SuppressionDeps): Route {
  return defineRoute({
    method: "get",
    path: "/api/v1/suppressions",
    tag,
    summary: "List the numbers that must not be written to",
    role: "viewer",
    query: pageQuery({}),
    responses: { 200: pageOf(suppressionSchema) },
    handler: async ({ principal, query }) => {
      const page = await listSuppressions(db, principal.tenantId, query);
      const shown = (item: Suppression): Suppression =>
        mayActAs(principal, "operator") ? item : { ...item, phone: maskPhone(item.phone) };
      return reply(200, { ...page, items: page.items.map(shown) });
    },
  });
}

function addRoute({ db, country }: SuppressionDeps): Route {
  return defineRoute({
    method: "post",
    path: "/api/v1/suppressions",
    tag,
    summary: "Write to a number no more",
    description: "Holds at once, also for messages that wait. Harmless twice.",
    role: "operator",
    body: jsonBody(suppressionCreateSchema),
    idempotent: true,
    responses: { 201: suppressionSchema },
    handler: async ({ principal, body, idempotency }) => {
      const [phone = ""] = validPhones([body.phone], country, () => "phone");
      return await createOnce(db, { tenantId: principal.tenantId, idempotency }, async (tx) => {
        const made = await addSuppression(tx, principal.tenantId, { phone, reason: body.reason });
        await writeAudit(tx, principal, { action: "suppression.add", subject: `phone:${maskPhone(phone)}` });
        return { made, reply: reply(201, made) };
      });
    },
  });
}

function removeRoute({ db, country }: SuppressionDeps): Route {
  return defineRoute({
    method: "delete",
    path: "/api/v1/suppressions/{phone}",
    tag,
    summary: "Allow writing to a number again",
    role: "operator",
    params: z.object({ phone: z.string().min(1).max(60) }),
    responses: { 204: null },
    handler: async ({ principal, params }) => {
      const normalized = normalizePhone(params.phone, country);
      await transaction(db, async (tx) => {
        const removed = normalized.ok && (await removeSuppression(tx, principal.tenantId, normalized.phone));
        if (!removed) throw notFound("such number on the list");
        await writeAudit(tx, principal, {
          action: "suppression.remove",
          subject: `phone:${maskPhone(normalized.phone)}`,
        });
      });
      return reply(204, null);
    },
  });
}
