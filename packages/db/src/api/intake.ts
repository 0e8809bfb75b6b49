import type {
  AutoPause,
  Campaign,
  JobContent,
  JobKind,
  JobStatus,
  SendMessagesJob,
} from "@pregonero/contracts";
import type { LaneClass } from "../dispatch/claims.ts";
import type { Actor } from "./audit.ts";
import { findCampaign } from "./campaigns.ts";
import { jobColumns, toJob } from "./jobs.ts";
import type { Transaction } from "./transaction.ts";
import { uuidv7 } from "./uuid.ts";

export interface NewCampaign {
  readonly slug: string;
  readonly name: string;
  readonly templateId: string | null;
  readonly body: string;
  readonly fileName: string | null;
}

/** Suffixes tried before giving up: `promo`, `promo_2`, … */
const slugTries = 10_000;

/**
 * Makes a campaign under the slug, or under it with the first number that makes it unique. Waits for another request
 * that is making one of the same slug. @returns its id
 */
export async function insertCampaign(tx: Transaction, who: Actor, campaign: NewCampaign): Promise<string> {
  const id = uuidv7();
  for (let n = await firstFree(tx, who.tenantId, campaign.slug); n < slugTries; n++) {
    const slug = n === 1 ? campaign.slug : `${campaign.slug}_${n}`;
    const { rowCount } = await tx.query(
      `INSERT INTO campaigns (id, tenant_id, slug, name, template_id, body, file_name, created_by)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (tenant_id, slug) DO NOTHING`,
      [
        id,
        who.tenantId,
        slug,
        campaign.name,
        campaign.templateId,
        campaign.body,
        campaign.fileName,
        who.actor,
      ],
    );
    if (rowCount === 1) return id;
  }
  throw new Error(`no free slug for a campaign within ${slugTries} tries`);
}

async function firstFree(tx: Transaction, tenantId: number, slug: string): Promise<number> {
  const { rows } = await tx.query<{ slug: string }>(
    "SELECT slug FROM campaigns WHERE tenant_id = $1 AND (slug = $2 OR starts_with(slug, $2 || '_'))",
    [tenantId, slug],
  );
  const taken = new Set(rows.map((row) => row.slug));
  if (!taken.has(slug)) return 1;
  let n = 2;
  while (taken.has(`${slug}_${n}`)) n++;
  return n;
}

export async function finishCampaign(
  tx: Transaction,
  tenantId: number,
  id: string,
  counts: { accepted: number; rejected: number },
): Promise<Campaign> {
  await tx.query(
    "UPDATE campaigns SET accepted = $2, rejected = $3, rows = $2::int + $3::int WHERE id = $1",
    [id, counts.accepted, counts.rejected],
  );
  const campaign = await findCampaign(tx, tenantId, id);
  if (!campaign) throw new Error("the campaign that was just made is not there");
  return campaign;
}

export interface NewJob {
  readonly id: string;
  readonly campaignId: string | null;
  readonly kind: JobKind;
  readonly laneClass: LaneClass;
  readonly priority: number;
  readonly body: string | null;
  readonly devicesLimit: number;
  /** The devices that may send; null for every linked one. */
  readonly deviceIds: readonly number[] | null;
  readonly intervalMs: number;
  readonly maxAttempts: number;
  readonly unknownPolicy: UnknownPolicyName;
  readonly total: number;
  readonly paused: boolean;
  /** When it begins; at once when left out. */
  readonly scheduledAt?: string | undefined;
  /** Sent instead of a text. */
  readonly content?: JobContent | null | undefined;
  readonly maxConcurrent?: number | undefined;
  readonly batchSize?: number | undefined;
  readonly autoPause?: AutoPause | undefined;
}

type UnknownPolicyName = SendMessagesJob["unknown_policy"];

/** Makes the job and its lanes. Its messages are in the same transaction, before or after. */
export async function insertJob(tx: Transaction, who: Actor, job: NewJob): Promise<SendMessagesJob> {
  const { rows } = await tx.query<object>(
    `INSERT INTO send_messages_jobs (id, tenant_id, campaign_id, kind, status, status_reason, lane_class, priority, body,
       devices_limit, devices_named, interval_ms, max_attempts, unknown_policy, total, created_by, content, max_concurrent,
       batch_size, auto_pause, scheduled_at, updated_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,
       $19, $20, $21, clock_timestamp())
     RETURNING ${jobColumns}`,
    [
      job.id,
      who.tenantId,
      job.campaignId,
      job.kind,
      statusOf(job),
      job.paused ? "created paused" : null,
      job.laneClass,
      job.priority,
      job.body,
      job.devicesLimit,
      job.deviceIds !== null,
      job.intervalMs,
      job.maxAttempts,
      job.unknownPolicy,
      job.total,
      who.actor,
      jsonOrNull(job.content),
      job.maxConcurrent ?? null,
      job.batchSize ?? null,
      jsonOrNull(job.autoPause),
      job.scheduledAt ?? null,
    ],
  );
  await tx.query("SELECT open_lanes($1, $2)", [job.id, job.deviceIds]);
  return toJob(rows[0] ?? {});
}

function statusOf(job: NewJob): JobStatus {
  if (job.paused) return "paused";
  return job.scheduledAt === undefined ? "pending" : "scheduled";
}

function jsonOrNull(value: object | null | undefined): string | null {
  return value === null || value === undefined ? null : JSON.stringify(value);
}
