import type { ChatNews } from "@pregonero/chat";
import {
  botStatusPutSchema,
  botStatusSchema,
  chatSettingsPatchSchema,
  chatSettingsSchema,
} from "@pregonero/contracts";
import {
  findDevice,
  listBotStatus,
  patchChatSettings,
  readChatSettings,
  transaction,
  writeAudit,
  writeBotStatus,
  type Database,
} from "@pregonero/db";
import { z } from "zod";
import { deviceParams, noSuchDevice } from "../devices/device-routes.ts";
import { jsonBody } from "../http/body.ts";
import { defineRoute, reply, type Route } from "../http/route.ts";

export interface BotDeps {
  readonly db: Database;
  readonly news: ChatNews;
}

export const botTag = "Bot";

export function botRoutes(deps: BotDeps): Route[] {
  return [readSettingsRoute(deps), patchSettingsRoute(deps), listStatusRoute(deps), putStatusRoute(deps)];
}

function readSettingsRoute({ db }: BotDeps): Route {
  return defineRoute({
    method: "get",
    path: "/api/v1/bot/settings",
    tag: botTag,
    summary: "Get business hours, opt-out words and limits of the bot",
    role: "viewer",
    responses: { 200: chatSettingsSchema },
    handler: async ({ principal }) => reply(200, await readChatSettings(db.pool, principal.tenantId)),
  });
}

function patchSettingsRoute({ db }: BotDeps): Route {
  return defineRoute({
    method: "patch",
    path: "/api/v1/bot/settings",
    tag: botTag,
    summary: "Change business hours, opt-out words and limits of the bot",
    role: "operator",
    body: jsonBody(chatSettingsPatchSchema),
    responses: { 200: chatSettingsSchema },
    handler: async ({ principal, body }) => {
      const settings = await transaction(db, async (tx) => {
        const changed = await patchChatSettings(tx, principal.tenantId, body);
        const detail = { changed: Object.keys(body) };
        await writeAudit(tx, principal, { action: "bot.settings", subject: "bot:settings", detail });
        return changed;
      });
      return reply(200, settings);
    },
  });
}

function listStatusRoute({ db }: BotDeps): Route {
  return defineRoute({
    method: "get",
    path: "/api/v1/bot/devices",
    tag: botTag,
    summary: "List for which devices the bot answers",
    role: "viewer",
    responses: { 200: z.object({ items: z.array(botStatusSchema) }) },
    handler: async ({ principal }) => reply(200, { items: await listBotStatus(db.pool, principal.tenantId) }),
  });
}

function putStatusRoute({ db, news }: BotDeps): Route {
  return defineRoute({
    method: "put",
    path: "/api/v1/bot/devices/{id}",
    tag: botTag,
    summary: "Turn the bot of a device on or off",
    role: "operator",
    params: deviceParams,
    body: jsonBody(botStatusPutSchema),
    responses: { 200: botStatusSchema },
    handler: async ({ principal, params: { id }, body: { enabled } }) => {
      const status = await transaction(db, async (tx) => {
        if (!(await findDevice(tx, principal.tenantId, id))) throw noSuchDevice(id);
        await writeAudit(tx, principal, { action: "bot.turn", subject: `device:${id}`, detail: { enabled } });
        return await writeBotStatus(tx, id, enabled);
      });
      news.botStatus(principal.tenantId, status);
      return reply(200, status);
    },
  });
}
