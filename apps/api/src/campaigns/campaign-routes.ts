import {
  campaignCreatedSchema,
  campaignItemSchema,
  campaignSchema,
  campaignsQueryFilters,
  pageOf,
  pageQuery,
  rejectedRowSchema,
} from "@pregonero/contracts";
import { findCampaign, listCampaigns, listRejections, type Database } from "@pregonero/db";
import { z } from "zod";
import { notFound } from "../http/problem.ts";
import { defineRoute, reply, type Route } from "../http/route.ts";
import type { IntakeLimits } from "../intake/limits.ts";
import { campaignBody } from "./campaign-body.ts";
import type { CampaignDesk } from "./campaign-desk.ts";
import { previewRoute } from "./preview-route.ts";

export interface CampaignDeps {
  readonly db: Database;
  readonly campaigns: CampaignDesk;
  readonly country: string | undefined;
  readonly limits: IntakeLimits;
  readonly uploadDir: string;
}

const tag = "Campaigns";
const refParams = z.object({ id: z.string().min(1).max(100).describe("Id or slug of a campaign.") });

export function campaignRoutes(deps: CampaignDeps): Route[] {
  return [createRoute(deps), previewRoute(deps), listRoute(deps), getRoute(deps), rejectionsRoute(deps)];
}

function createRoute({ campaigns, limits, uploadDir }: CampaignDeps): Route {
  return defineRoute({
    method: "post",
    path: "/api/v1/campaigns",
    tag,
    summary: "Create a campaign from a list or a CSV file",
    description:
      "JSON with the recipients in it, or a form with the CSV as the part `file`; in a form, lists, numbers and true/false are written as JSON. The answer comes when every message is stored; rows that got none are in it with the reason. Either all of it is created or nothing.",
    role: "operator",
    body: campaignBody({ dir: uploadDir, limits }),
    idempotent: true,
    responses: { 201: campaignCreatedSchema },
    problems: [
      "broken_csv",
      "no_valid_recipients",
      "template_invalid",
      "unknown_device",
      "unknown_pool",
      "unknown_template",
    ],
    handler: async ({ principal, body, idempotency }) =>
      await campaigns.create(
        principal,
        () => Promise.resolve(body),
        idempotency,
        (made) => reply(201, made),
      ),
  });
}

function listRoute({ db }: CampaignDeps): Route {
  return defineRoute({
    method: "get",
    path: "/api/v1/campaigns",
    tag,
    summary: "List campaigns, newest first",
    role: "viewer",
    query: pageQuery(campaignsQueryFilters),
    responses: { 200: pageOf(campaignItemSchema) },
    handler: async ({ principal, query }) => reply(200, await listCampaigns(db, principal.tenantId, query)),
  });
}

function getRoute({ db }: CampaignDeps): Route {
  return defineRoute({
    method: "get",
    path: "/api/v1/campaigns/{id}",
    tag,
    summary: "Get a campaign",
    role: "viewer",
    params: refParams,
    responses: { 200: campaignSchema },
    handler: async ({ principal, params }) => {
      const campaign = await findCampaign(db.pool, principal.tenantId, params.id);
      if (!campaign) throw notFound("such campaign");
      return reply(200, campaign);
    },
  });
}

function rejectionsRoute({ db }: CampaignDeps): Route {
  return defineRoute({
    method: "get",
    path: "/api/v1/campaigns/{id}/rejections",
    tag,
    summary: "List the rows that got no message, and why",
    role: "viewer",
    params: refParams,
    query: pageQuery({}),
    responses: { 200: pageOf(rejectedRowSchema) },
    handler: async ({ principal, params, query }) => {
      const campaign = await findCampaign(db.pool, principal.tenantId, params.id);
      if (!campaign) throw notFound("such campaign");
      return reply(200, await listRejections(db, campaign.id, query));
    },
  });
}
