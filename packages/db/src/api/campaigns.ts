import type { Campaign, CampaignItem, JobStatus, RejectedRow } from "@pregonero/contracts";
import type { Database } from "../database.ts";
import { toProgress, type ProgressColumns } from "./jobs.ts";
import { decodeCursor, isNumber, isTimeAndId, toJson, toPage, type Page } from "./rows.ts";
import type { Queryable } from "./transaction.ts";

const columns = `c.id, c.slug, c.name, c.template_id, c.body, c.file_name, c.rows, c.accepted, c.rejected, c.created_by,
  c.created_at, (SELECT j.id FROM send_messages_jobs j WHERE j.campaign_id = c.id ORDER BY j.created_at DESC, j.id DESC
    LIMIT 1) AS job_id`;

const uuidForm = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i;

/** The columns of a campaign that is joined with its newest job `j`. */
const itemColumns = `c.id, c.slug, c.name, c.template_id, c.body, c.file_name, c.rows, c.accepted, c.rejected, c.created_by,
  c.created_at, j.id AS job_id, j.status, j.status_reason, j.total, j.sent, j.delivered, j.read, j.failed, j.cancelled,
  j.skipped, j.unknown, j.settling, j.scheduled_at, j.started_at, j.completed_at`;

export interface CampaignFilters {
  readonly status?: JobStatus | undefined;
  readonly name?: string | undefined;
}

/** Newest first, each with how far its newest job is. */
export async function listCampaigns(
  db: Database,
  tenantId: number,
  page: CampaignFilters & { limit: number; cursor?: string | undefined },
): Promise<Page<CampaignItem>> {
  const before = decodeCursor(page.cursor, isTimeAndId);
  const { rows } = await db.pool.query<object>(
    `SELECT ${itemColumns} FROM campaigns c
     LEFT JOIN LATERAL (SELECT * FROM send_messages_jobs j WHERE j.campaign_id = c.id
       ORDER BY j.created_at DESC, j.id DESC LIMIT 1) j ON true
     WHERE c.tenant_id = $1 AND ($2::timestamptz IS NULL OR (c.created_at, c.id) < ($2, $3))
       AND ($4::job_status IS NULL OR j.status = $4)
       AND ($5::text IS NULL OR strpos(lower(c.name), lower($5)) > 0)
     ORDER BY c.created_at DESC, c.id DESC LIMIT $6`,
    [
      tenantId,
      before?.[0] ?? null,
      before?.[1] ?? null,
      page.status ?? null,
      page.name ?? null,
      page.limit + 1,
    ],
  );
  return toPage(rows.map(toItem), page.limit, (campaign) => [campaign.created_at, campaign.id]);
}

type ItemRow = Omit<CampaignItem, "progress"> & ProgressColumns;

function toItem(row: object): CampaignItem {
  const { total, sent, delivered, read, failed, cancelled, skipped, unknown, settling, ...campaign } =
    toJson<ItemRow>(row);
  const counters = { total, sent, delivered, read, failed, cancelled, skipped, unknown, settling };
  return { ...campaign, progress: campaign.job_id === null ? null : toProgress(counters) };
}

/** By id or by slug. */
export async function findCampaign(db: Queryable, tenantId: number, ref: string): Promise<Campaign | null> {
  const { rows } = await db.query<object>(
    `SELECT ${columns} FROM campaigns c WHERE c.tenant_id = $1 AND ${uuidForm.test(ref) ? "c.id" : "c.slug"} = $2`,
    [tenantId, ref],
  );
  return rows[0] ? toJson<Campaign>(rows[0]) : null;
}

/** In the order of the file. The campaign must be the tenant's: see to that first. */
export async function listRejections(
  db: Database,
  campaignId: string,
  page: { limit: number; cursor?: string | undefined },
): Promise<Page<RejectedRow>> {
  const after = decodeCursor(page.cursor, isNumber)?.[0] ?? -1;
  const { rows } = await db.pool.query<RejectedRow>(
    `SELECT line, reason, detail, phone FROM campaign_rejections WHERE campaign_id = $1 AND line > $2
     ORDER BY line LIMIT $3`,
    [campaignId, after, page.limit + 1],
  );
  return toPage(rows, page.limit, (row) => [row.line]);
}
