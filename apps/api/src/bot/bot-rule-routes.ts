import {
  botRuleCreateSchema,
  botRulePatchSchema,
  botRuleSchema,
  pageOf,
  pageQuery,
  type BotRule,
} from "@pregonero/contracts";
import {
  addBotRule,
  deleteBotRule,
  listBotRules,
  ownDeviceIds,
  patchBotRule,
  transaction,
  writeAudit,
  type Database,
  type Transaction,
} from "@pregonero/db";
import { parseTemplate } from "@pregonero/domain";
import { z } from "zod";
import { jsonBody } from "../http/body.ts";
import { createOnce } from "../http/idempotency.ts";
import { ApiProblem, notFound } from "../http/problem.ts";
import { defineRoute, reply, type Route } from "../http/route.ts";
import { botTag as tag } from "./bot-routes.ts";

const path = "/api/v1/bot/rules/{id}";
const params = z.object({ id: z.uuid() });
/** Rules that answer to anything rest for four hours in each conversation. */
const usualCooldownMinutes: Readonly<Record<BotRule["kind"], number>> = {
  keyword: 0,
  away: 240,
  welcome: 240,
};

export function botRuleRoutes({ db }: { readonly db: Database }): Route[] {
  return [listRoute(db), addRoute(db), patchRoute(db), deleteRoute(db)];
}

function listRoute(db: Database): Route {
  return defineRoute({
    method: "get",
    path: "/api/v1/bot/rules",
    tag,
    summary: "List the rules by which the bot answers, in their order",
    role: "viewer",
    query: pageQuery({}),
    responses: { 200: pageOf(botRuleSchema) },
    handler: async ({ principal, query }) => reply(200, await listBotRules(db, principal.tenantId, query)),
  });
}

function addRoute(db: Database): Route {
  return defineRoute({
    method: "post",
    path: "/api/v1/bot/rules",
    tag,
    summary: "Add a rule",
    role: "operator",
    body: jsonBody(botRuleCreateSchema),
    idempotent: true,
    responses: { 201: botRuleSchema },
    problems: ["unknown_device", "template_invalid"],
    handler: async ({ principal, body, idempotency }) => {
      const { tenantId } = principal;
      return await createOnce(db, { tenantId, idempotency }, async (tx) => {
        await check(tx, tenantId, body);
        const cooldown_minutes = body.cooldown_minutes ?? usualCooldownMinutes[body.kind];
        const made = await addBotRule(tx, tenantId, { ...body, cooldown_minutes });
        await writeAudit(tx, principal, { action: "bot_rule.create", subject: `bot_rule:${made.id}` });
        return { made, reply: reply(201, made) };
      });
    },
  });
}

function patchRoute(db: Database): Route {
  return defineRoute({
    method: "patch",
    path,
    tag,
    summary: "Change a rule",
    role: "operator",
    params,
    body: jsonBody(botRulePatchSchema),
    responses: { 200: botRuleSchema },
    problems: ["unknown_device", "template_invalid"],
    handler: async ({ principal, params: { id }, body }) => {
      const rule = await transaction(db, async (tx) => {
        await check(tx, principal.tenantId, body);
        const changed = await patchBotRule(tx, principal.tenantId, id, body);
        if (!changed) throw notFound(`rule with the id ${id}`);
        if (changed.kind === "keyword" && changed.keywords.length === 0) {
          throw new ApiProblem("validation_failed", "A keyword rule needs at least one keyword.");
        }
        const detail = { changed: Object.keys(body) };
        await writeAudit(tx, principal, { action: "bot_rule.change", subject: `bot_rule:${id}`, detail });
        return changed;
      });
      return reply(200, rule);
    },
  });
}

function deleteRoute(db: Database): Route {
  return defineRoute({
    method: "delete",
    path,
    tag,
    summary: "Delete a rule",
    role: "operator",
    params,
    responses: { 204: null },
    handler: async ({ principal, params: { id } }) => {
      await transaction(db, async (tx) => {
        if (!(await deleteBotRule(tx, principal.tenantId, id))) throw notFound(`rule with the id ${id}`);
        await writeAudit(tx, principal, { action: "bot_rule.delete", subject: `bot_rule:${id}` });
      });
      return reply(204, null);
    },
  });
}

/** @throws TemplateError, ApiProblem `unknown_device` */
async function check(
  tx: Transaction,
  tenantId: number,
  rule: { reply?: string | undefined; device_ids?: readonly number[] | null | undefined },
): Promise<void> {
  if (rule.reply !== undefined) parseTemplate(rule.reply);
  const ids = [...new Set(rule.device_ids ?? [])];
  const own = await ownDeviceIds(tx, tenantId, ids);
  const unknown = ids.find((id) => !own.has(id));
  if (unknown !== undefined) {
    throw new ApiProblem("unknown_device", `There is no device with the id ${unknown}.`);
  }
}
