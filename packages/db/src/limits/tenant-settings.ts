import type { TenantSettings } from "@pregonero/contracts";
import type { Queryable } from "../api/transaction.ts";

export async function readTenantSettings(db: Queryable, tenantId: number): Promise<TenantSettings> {
  const { rows } = await db.query<TenantSettings>(
    `SELECT s.max_running_jobs, p.max_running_jobs_per_tenant AS max_running_jobs_allowed
     FROM platform_limits p LEFT JOIN tenant_settings s ON s.tenant_id = $1`,
    [tenantId],
  );
  return rows[0] ?? { max_running_jobs: null, max_running_jobs_allowed: null };
}

export async function writeTenantSettings(
  tx: Queryable,
  tenantId: number,
  settings: Pick<TenantSettings, "max_running_jobs">,
): Promise<void> {
  await tx.query(
    `INSERT INTO tenant_settings (tenant_id, max_running_jobs) VALUES ($1, $2)
     ON CONFLICT (tenant_id) DO UPDATE SET max_running_jobs = $2`,
    [tenantId, settings.max_running_jobs],
  );
}
