import type { JobProgress } from "@pregonero/contracts";
import type { Queryable } from "../api/transaction.ts";

/** How the newest job of a campaign stands, under the campaign's slug. */
export interface CampaignStanding extends Omit<JobProgress, "tenantId" | "devicesUsed" | "statusReason"> {
  readonly slug: string;
}

const standing = `SELECT c.slug, j.id, j.status::text, j.total, j.sending, j.sent, j.delivered, j.read, j.failed,
    j.cancelled, j.skipped, j.unknown, j.settling
  FROM campaigns c CROSS JOIN LATERAL (SELECT * FROM send_messages_jobs n WHERE n.campaign_id = c.id
    ORDER BY n.created_at DESC, n.id DESC LIMIT 1) j`;

/** @param campaignId the tenant's own: see to that first. Null when it has no job */
export async function readCampaignStanding(
  db: Queryable,
  campaignId: string,
): Promise<CampaignStanding | null> {
  const { rows } = await db.query<CampaignStanding>(`${standing} WHERE c.id = $1`, [campaignId]);
  return rows[0] ?? null;
}

/** Campaigns of the tenant that have not ended, newest first; the search begins at their jobs, of which few are open. */
export async function listActiveCampaigns(
  db: Queryable,
  tenantId: number,
  limit: number,
): Promise<CampaignStanding[]> {
  const { rows } = await db.query<CampaignStanding>(
    `${standing} WHERE c.id IN (SELECT o.campaign_id FROM send_messages_jobs o WHERE o.tenant_id = $1
       AND o.status IN ('scheduled', 'pending', 'running', 'paused'))
       AND j.status IN ('scheduled', 'pending', 'running', 'paused')
     ORDER BY j.created_at DESC, j.id DESC LIMIT $2`,
    [tenantId, limit],
  );
  return rows;
}

/** Whether some worker has given a sign of life within `silentMs`. */
export async function hasLiveWorker(db: Queryable, silentMs: number): Promise<boolean> {
  const { rowCount } = await db.query(
    `SELECT 1 FROM workers WHERE status NOT IN ('stopped', 'lost')
       AND heartbeat_at > clock_timestamp() - $1 * interval '1 millisecond' LIMIT 1`,
    [silentMs],
  );
  return rowCount === 1;
}
