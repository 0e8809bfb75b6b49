import type { Notify } from "@pregonero/contracts";
import type { Queryable } from "../api/transaction.ts";

export type JobTypeName = "send_messages" | "batch_scraping";

/** Of which kind a job of the tenant is; null when there is none of that id. */
export async function findJobType(db: Queryable, tenantId: number, id: string): Promise<JobTypeName | null> {
  const { rows } = await db.query<{ type: JobTypeName }>(
    `SELECT 'send_messages' AS type FROM send_messages_jobs WHERE tenant_id = $1 AND id = $2
     UNION ALL SELECT 'batch_scraping' FROM scraping_jobs WHERE tenant_id = $1 AND id = $2`,
    [tenantId, id],
  );
  return rows[0]?.type ?? null;
}

/** Null when the job wants nothing told of its own. */
export async function readJobNotify(db: Queryable, jobId: string): Promise<Notify | null> {
  const { rows } = await db.query<Notify>(
    `SELECT emails AS email, webhook_url, to_jsonb(events) AS "on" FROM job_notify WHERE job_id = $1`,
    [jobId],
  );
  return rows[0] ?? null;
}

/** The job must be the tenant's: see to that first. */
export async function writeJobNotify(
  tx: Queryable,
  job: { readonly id: string; readonly tenantId: number; readonly type: JobTypeName },
  notify: Notify,
): Promise<void> {
  await tx.query(
    `INSERT INTO job_notify (job_id, tenant_id, job_type, emails, webhook_url, events)
     VALUES ($1, $2, $3, $4, $5, $6::notification_event[])
     ON CONFLICT (job_id) DO UPDATE SET emails = $4, webhook_url = $5, events = $6::notification_event[]`,
    [job.id, job.tenantId, job.type, notify.email, notify.webhook_url, notify.on],
  );
}

/** Another run of a job tells whom the first told. */
export async function copyJobNotify(tx: Queryable, fromJobId: string, toJobId: string): Promise<void> {
  await tx.query(
    `INSERT INTO job_notify (job_id, tenant_id, job_type, emails, webhook_url, events)
     SELECT $2, tenant_id, job_type, emails, webhook_url, events FROM job_notify WHERE job_id = $1`,
    [fromJobId, toJobId],
  );
}
