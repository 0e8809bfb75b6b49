import type { JobComment, JobType } from "@pregonero/contracts";
import { toJson } from "../api/rows.ts";
import type { Queryable } from "../api/transaction.ts";

/** More is more than anybody reads. */
const mostComments = 1_000;

const columns = "id, job_id, author, content, created_at";

/** Oldest first, the newest thousand. The job must be the tenant's: see to that first. */
export async function listJobComments(db: Queryable, jobId: string): Promise<JobComment[]> {
  const { rows } = await db.query<object>(
    `SELECT * FROM (SELECT ${columns} FROM job_comments WHERE job_id = $1 ORDER BY id DESC LIMIT ${mostComments}) c
     ORDER BY c.id`,
    [jobId],
  );
  return rows.map((row) => toJson<JobComment>(row));
}

/** The job must be the tenant's: see to that first. */
export async function insertJobComment(
  tx: Queryable,
  job: { tenantId: number; id: string; type: JobType },
  comment: { author: string; content: string },
): Promise<JobComment> {
  const { rows } = await tx.query<object>(
    `INSERT INTO job_comments (tenant_id, job_id, job_type, author, content) VALUES ($1, $2, $3, $4, $5)
     RETURNING ${columns}`,
    [job.tenantId, job.id, job.type, comment.author, comment.content],
  );
  return toJson<JobComment>(rows[0] ?? {});
}
