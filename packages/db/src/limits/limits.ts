import type { Database } from "../database.ts";

/** Lets held jobs begin for which there is room, see `admit_jobs`. @returns devices that have work by it */
export async function admitJobs(db: Database): Promise<number[]> {
  const { rows } = await db.pool.query<{ device_id: number }>("SELECT DISTINCT device_id FROM admit_jobs()");
  return rows.map((row) => row.device_id);
}

export interface PlatformLimits {
  /** Jobs that run at once over all tenants; null: any number. */
  readonly maxRunningJobs: number | null;
  /** Of a tenant that has no limit of its own. */
  readonly maxRunningJobsPerTenant: number | null;
}

/** Writes the limits down where whoever makes a job sees them. */
export async function writePlatformLimits(db: Database, limits: PlatformLimits): Promise<void> {
  await db.pool.query(
    `UPDATE platform_limits SET max_running_jobs = $1, max_running_jobs_per_tenant = $2
     WHERE (max_running_jobs, max_running_jobs_per_tenant) IS DISTINCT FROM ($1, $2)`,
    [limits.maxRunningJobs, limits.maxRunningJobsPerTenant],
  );
}
