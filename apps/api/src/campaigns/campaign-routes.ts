import {
  campaignCreatedSchema,
  campaignSchema,
  pageOf,
  pageQuery,
  rejectedRowSchema,
  type CampaignCreated,
} from "@pregonero/contracts";
import { findCampaign, listCampaigns, listRejections, type Database } from "@pregonero/db";
import { z } from "zod";
import type { Announcer } from "../events/announcer.ts";
import { createOnce } from "../http/idempotency.ts";
import type { ApiMetrics } from "../http/metrics.ts";
import { notFound } from "../http/problem.ts";
import { defineRoute, reply, type Route } from "../http/route.ts";
import { campaignBody } from "./campaign-body.ts";
import { createCampaign, type CampaignRules } from "./create-campaign.ts";

export interface CampaignDeps {
  readonly db: Database;
  readonly announcer: Announcer;
  readonly metrics: Pick<ApiMetrics, "intakeRows">;
  readonly rules: CampaignRules;
  readonly uploadDir: string;
}

const tag = "Campaigns";
const refParams = z.object({ id: z.string().min(1).max(100).describe("Id or slug of a campaign.") });

export function campaignRoutes(deps: CampaignDeps): Route[] {
  return [createRoute(deps), listRoute(deps), getRoute(deps), rejectionsRoute(deps)];
}

function createRoute({ db, announcer, metrics, rules, uploadDir }: CampaignDeps): Route {
  const created = (campaign: CampaignCreated, tenantId: number): void => {
    metrics.intakeRows.inc({ result: "accepted" }, campaign.accepted);
    metrics.intakeRows.inc({ result: "rejected" }, campaign.rejected);
    announcer.jobChanged(tenantId, campaign.job, null);
  };
  return defineRoute({
    method: "post",
    path: "/api/v1/campaigns",
    tag,
    summary: "Create a campaign from a list or a CSV file",
    description:
      "JSON with the recipients in it, or a form with the CSV as the part `file`; in a form, lists, numbers and true/false are written as JSON. The answer comes when every message is stored; rows that got none are in it with the reason. Either all of it is created or nothing.",
    role: "operator",
    body: campaignBody({ dir: uploadDir, limits: rules.limits }),
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
      await createOnce(
        db,
        { tenantId: principal.tenantId, idempotency },
        async (tx) => {
          const made = await createCampaign(tx, principal, body, rules);
          return { made, reply: reply(201, made) };
        },
        (made) => created(made, principal.tenantId),
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
    query: pageQuery({}),
    responses: { 200: pageOf(campaignSchema) },
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
