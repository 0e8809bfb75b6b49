import type { CampaignCreated, JobContent, SendMessagesJob } from "@pregonero/contracts";
import {
  findTemplate,
  findTemplateByName,
  finishCampaign,
  insertCampaign,
  insertJob,
  uuidv7,
  writeAudit,
  writeJobNotify,
  type Actor,
  type NewJob,
  type Queryable,
  type Transaction,
} from "@pregonero/db";
import { AudiencePlanner, parseTemplate, slugOf, type Template } from "@pregonero/domain";
import { validationProblem } from "../http/issues.ts";
import { ApiProblem } from "../http/problem.ts";
import type { IntakeLimits } from "../intake/limits.ts";
import { priorityOf } from "../intake/priority.ts";
import { recipientsOfCsv, recipientsOfList, type GivenRecipient } from "../intake/recipients.ts";
import { resolveSenders } from "../intake/senders.ts";
import { rejectionsShown, storeAudience, type StoredAudience } from "../intake/store-audience.ts";
import { approvedTemplate } from "./approved-template.ts";
import { checkAhead } from "../schedules/check-timing.ts";
import type { CampaignBody } from "./campaign-body.ts";
import { contentTemplate, describeContent } from "./content-template.ts";

export interface CampaignRules {
  readonly limits: IntakeLimits;
  /** For numbers without a country code. */
  readonly country: string | undefined;
}

type CampaignRequest = CampaignBody["campaign"];

/** As many as the contract of bulk jobs has. */
const defaultDevicesLimit = 5;

/**
 * Makes a campaign, its job, its messages and its rejections, all in the given transaction: when anything is wrong with
 * any of it, nothing was ever there.
 * @throws ApiProblem
 */
export async function createCampaign(
  tx: Transaction,
  who: Actor,
  body: CampaignBody,
  rules: CampaignRules,
): Promise<CampaignCreated> {
  const { campaign } = body;
  if (campaign.scheduled_at !== undefined) checkStart(campaign.scheduled_at, campaign.start);
  const deviceIds = await resolveSenders(tx, who.tenantId, {
    deviceIds: campaign.device_ids,
    pool: campaign.pool,
  });
  const text = await resolveText(tx, who.tenantId, campaign, deviceIds);
  const template = text.content ? contentTemplate(text.content) : parseTemplate(text.body);
  const campaignId = await insertCampaign(tx, who, {
    slug: slugOf(campaign.name),
    name: campaign.name,
    templateId: text.templateId,
    body: text.body,
    fileName: body.kind === "file" ? body.file.name.slice(0, 255) : null,
  });
  const jobId = uuidv7();
  const planner = new AudiencePlanner({ template, country: rules.country });
  const target = { tenantId: who.tenantId, campaignId, jobId };
  const audience = await storeAudience(tx, target, recipientsOf(body, template), {
    planner,
    limits: rules.limits,
  });
  if (audience.accepted === 0) throw nobodyLeft(audience);
  const plan = jobPlan(campaign, deviceIds, {
    id: jobId,
    campaignId,
    body: text.content ? null : text.body,
    content: text.content,
    total: audience.accepted,
  });
  const job = await insertJob(tx, who, plan);
  if (campaign.notify !== undefined) {
    await writeJobNotify(tx, { id: jobId, tenantId: who.tenantId, type: "send_messages" }, campaign.notify);
  }
  return await summarise(tx, who, job, audience);
}

/** @throws ApiProblem */
function checkStart(scheduledAt: string, start: boolean): void {
  checkAhead(scheduledAt, "scheduled_at");
  if (!start) {
    const message = "cannot go with start: false, which waits for somebody's word";
    throw validationProblem([{ path: "scheduled_at", message }]);
  }
}

function recipientsOf(body: CampaignBody, template: Template): AsyncIterable<GivenRecipient[]> {
  if (body.kind === "list") return recipientsOfList(body.campaign.recipients);
  return recipientsOfCsv(body.file, template, body.campaign.mapping);
}

interface CampaignText {
  /** As it is shown. */
  readonly body: string;
  readonly templateId: string | null;
  /** Sent in place of the text. */
  readonly content: JobContent | null;
}

async function resolveText(
  db: Queryable,
  tenantId: number,
  { body, content, template, template_id, language }: CampaignRequest,
  deviceIds: readonly number[] | null,
): Promise<CampaignText> {
  if (content !== undefined) return { body: describeContent(content), templateId: null, content };
  if (body !== undefined) return { body, templateId: null, content: null };
  const found =
    template_id === undefined
      ? await findTemplateByName(db, tenantId, template ?? "", language)
      : await findTemplate(db, tenantId, template_id);
  if (found) {
    const approved = await approvedTemplate(db, tenantId, found, deviceIds);
    return { body: found.body, templateId: found.id, content: approved };
  }
  const which = template_id === undefined ? `called "${template ?? ""}"` : `with the id ${template_id}`;
  throw new ApiProblem(
    "unknown_template",
    `There is no template ${which}${language ? ` in ${language}` : ""}.`,
  );
}

function jobPlan(
  campaign: CampaignRequest,
  deviceIds: readonly number[] | null,
  job: Pick<NewJob, "id" | "campaignId" | "body" | "content" | "total">,
): NewJob {
  return {
    ...job,
    kind: "campaign",
    laneClass: "bulk",
    priority: priorityOf(campaign.priority),
    devicesLimit: campaign.devices_limit ?? deviceIds?.length ?? defaultDevicesLimit,
    deviceIds,
    intervalMs: campaign.interval_ms,
    maxAttempts: campaign.max_attempts,
    unknownPolicy: campaign.unknown_policy,
    paused: !campaign.start,
    scheduledAt: campaign.scheduled_at,
    maxConcurrent: campaign.max_concurrent,
    batchSize: campaign.batch_size,
    autoPause: campaign.auto_pause,
  };
}

async function summarise(
  tx: Transaction,
  who: Actor,
  job: SendMessagesJob,
  audience: StoredAudience,
): Promise<CampaignCreated> {
  const { accepted, rejected, rejections } = audience;
  const campaign = await finishCampaign(tx, who.tenantId, job.campaign_id ?? "", { accepted, rejected });
  await writeAudit(tx, who, {
    action: "campaign.create",
    subject: `campaign:${campaign.id}`,
    detail: { slug: campaign.slug, job_id: job.id, accepted, rejected },
  });
  return {
    campaign,
    job,
    accepted,
    rejected,
    rejected_rows: [...rejections],
    rejected_rows_truncated: rejected > rejectionsShown,
  };
}

/** Every recipient was turned down: says why, with the first of them. */
function nobodyLeft({ rejected, rejections }: StoredAudience): ApiProblem {
  if (rejected === 0)
    return new ApiProblem("no_valid_recipients", "The list has no recipients. Nothing was created.");
  const detail = `None of the ${rejected} recipients can be written to. Nothing was created. The first: ${rejections[0]?.detail ?? ""}`;
  return new ApiProblem("no_valid_recipients", detail, {
    errors: rejections.slice(0, 100).map(({ line, reason, detail: message }) => ({
      path: `line ${line}`,
      message: `${reason}: ${message}`,
    })),
  });
}
