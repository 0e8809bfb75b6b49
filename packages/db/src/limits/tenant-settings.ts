import type { TenantSettings } from "@pregonero/contracts";
import type { Queryable } from "../api/transaction.ts";

export async function readTenantSettings(db: Queryable, tenantId: number): Promise<TenantSettings> {
  const { rows } = await db.query<TenantSettings>(
    `SELECT s.max_running_jobs, p.max_running_jobs_per_tenant AS max_running_jobs_allowed,
       coalesce(s.language, 'es') AS language, jsonb_build_object(
         'email', coalesce(s.emails, '{}'), 'webhook_url', s.webhook_url,
         'on', coalesce(s.events, '{completed,failed,paused}')) AS notify
     FROM platform_limits p LEFT JOIN tenant_settings s ON s.tenant_id = $1`,
    [tenantId],
  );
  if (!rows[0]) throw new Error("the row of platform_limits is gone");
  return rows[0];
}

export async function writeTenantSettings(
  tx: Queryable,
  tenantId: number,
  settings: Omit<TenantSettings, "max_running_jobs_allowed">,
): Promise<void> {
  const { max_running_jobs, language, notify } = settings;
  await tx.query(
    `INSERT INTO tenant_settings (tenant_id, max_running_jobs, language, emails, webhook_url, events)
     VALUES ($1, $2, $3, $4, $5, $6::notification_event[])
     ON CONFLICT (tenant_id) DO UPDATE SET max_running_jobs = $2, language = $3, emails = $4, webhook_url = $5,
       events = $6::notification_event[]`,
    [tenantId, max_running_jobs, language, notify.email, notify.webhook_url, notify.on],
  );
}
