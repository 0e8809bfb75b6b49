import {
  campaignStatsSchema,
  dayStatsSchema,
  deviceStatsSchema,
  statsRange,
  tenantStatsSchema,
} from "@pregonero/contracts";
import {
  readCampaignStats,
  readDayStats,
  readDeviceStats,
  readTenantStats,
  type Database,
} from "@pregonero/db";
import { z } from "zod";
import { defineRoute, reply, type Route } from "../http/route.ts";

const tag = "Statistics";
const description =
  "A message counts on the day on which it was sent, or failed, by the tenant's time zone, whenever it is delivered, read or answered.";

export function statsRoutes({ db }: { readonly db: Database }): Route[] {
  return [todayRoute(db), daysRoute(db), devicesRoute(db), campaignsRoute(db)];
}

function todayRoute(db: Database): Route {
  return defineRoute({
    method: "get",
    path: "/api/v1/stats/today",
    tag,
    summary: "Get the figures of today",
    description,
    role: "viewer",
    responses: { 200: tenantStatsSchema },
    handler: async ({ principal }) => reply(200, await readTenantStats(db.pool, principal.tenantId)),
  });
}

function daysRoute(db: Database): Route {
  return defineRoute({
    method: "get",
    path: "/api/v1/stats/days",
    tag,
    summary: "Get the figures of each day",
    description: `${description} Oldest first; at most the last 366 days of the range.`,
    role: "viewer",
    query: statsRange,
    responses: { 200: z.object({ items: z.array(dayStatsSchema) }) },
    handler: async ({ principal, query: { device_id: deviceId, ...range } }) =>
      reply(200, { items: await readDayStats(db.pool, principal.tenantId, { ...range, deviceId }) }),
  });
}

function devicesRoute(db: Database): Route {
  return defineRoute({
    method: "get",
    path: "/api/v1/stats/devices",
    tag,
    summary: "Get the figures of each device",
    description,
    role: "viewer",
    query: statsRange,
    responses: { 200: z.object({ items: z.array(deviceStatsSchema) }) },
    handler: async ({ principal, query: { device_id: deviceId, ...range } }) =>
      reply(200, { items: await readDeviceStats(db.pool, principal.tenantId, { ...range, deviceId }) }),
  });
}

function campaignsRoute(db: Database): Route {
  return defineRoute({
    method: "get",
    path: "/api/v1/stats/campaigns",
    tag,
    summary: "Get the figures of each campaign",
    description: `${description} Newest campaign first, at most 500.`,
    role: "viewer",
    query: statsRange,
    responses: { 200: z.object({ items: z.array(campaignStatsSchema) }) },
    handler: async ({ principal, query: { device_id: deviceId, ...range } }) =>
      reply(200, { items: await readCampaignStats(db.pool, principal.tenantId, { ...range, deviceId }) }),
  });
}
