import type { Export } from "@pregonero/contracts";
import type { Actor } from "../api/audit.ts";
import { toJson } from "../api/rows.ts";
import type { Queryable } from "../api/transaction.ts";
import { uuidv7 } from "../api/uuid.ts";
import type { Database } from "../database.ts";

const columns = "id, job_id, job_type, language, status, bytes, error, created_by, created_at, completed_at";

/** Asks for a report. The job must be the tenant's: see to that first. */
export async function insertExport(
  tx: Queryable,
  who: Actor,
  wanted: Pick<Export, "job_id" | "job_type"> & { masked: boolean; language: string | undefined },
): Promise<Export> {
  const { rows } = await tx.query<object>(
    `INSERT INTO exports (id, tenant_id, job_id, job_type, masked, language, created_by)
     VALUES ($1, $2, $3, $4, $5,
       coalesce($6, (SELECT language FROM tenant_settings WHERE tenant_id = $2), 'es'), $7) RETURNING ${columns}`,
    [
      uuidv7(),
      who.tenantId,
      wanted.job_id,
      wanted.job_type,
      wanted.masked,
      wanted.language ?? null,
      who.actor,
    ],
  );
  return toJson<Export>(rows[0] ?? {});
}

export interface StoredExport {
  readonly export: Export;
  readonly masked: boolean;
  readonly blobKey: string | null;
}

export async function findExport(db: Queryable, tenantId: number, id: string): Promise<StoredExport | null> {
  const { rows } = await db.query<object & { masked: boolean; blob_key: string | null }>(
    `SELECT ${columns}, masked, blob_key FROM exports WHERE tenant_id = $1 AND id = $2`,
    [tenantId, id],
  );
  if (!rows[0]) return null;
  const { masked, blob_key: blobKey, ...row } = rows[0];
  return { export: toJson<Export>(row), masked, blobKey };
}

/** A report that this worker is to print now. */
export interface ClaimedExport {
  readonly id: string;
  readonly tenantId: number;
  readonly jobId: string;
  readonly jobType: Export["job_type"];
  readonly masked: boolean;
  readonly language: string;
  readonly attempt: number;
}

/** Hands out one that is due; one whose worker has been silent for `leaseMs` is due again. Mutates. */
export async function claimExport(db: Database, leaseMs: number): Promise<ClaimedExport | null> {
  const { rows } = await db.pool.query<ClaimedExport>(
    `UPDATE exports e SET status = 'running', attempts = e.attempts + 1,
       lease_until = clock_timestamp() + $1 * interval '1 millisecond'
     FROM (
       SELECT id FROM exports WHERE status IN ('pending', 'running') AND lease_until <= clock_timestamp()
       ORDER BY lease_until LIMIT 1 FOR UPDATE SKIP LOCKED
     ) due WHERE e.id = due.id
     RETURNING e.id, e.tenant_id AS "tenantId", e.job_id AS "jobId", e.job_type AS "jobType", e.masked, e.language,
       e.attempts AS attempt`,
    [leaseMs],
  );
  return rows[0] ?? null;
}

export type ExportEnd =
  | { readonly status: "completed"; readonly blobKey: string; readonly bytes: number }
  | { readonly status: "failed" | "pending"; readonly error: string };

/** @returns whether the claim was still the caller's own */
export async function finishExport(
  db: Database,
  claim: Pick<ClaimedExport, "id" | "attempt">,
  end: ExportEnd,
): Promise<boolean> {
  const done = end.status === "completed";
  const { rowCount } = await db.pool.query(
    `UPDATE exports SET status = $3::export_status, blob_key = $4, bytes = $5, error = $6, lease_until = clock_timestamp(),
       completed_at = CASE WHEN $3 <> 'pending' THEN clock_timestamp() END
     WHERE id = $1 AND attempts = $2 AND status = 'running'`,
    [
      claim.id,
      claim.attempt,
      end.status,
      done ? end.blobKey : null,
      done ? end.bytes : null,
      done ? null : end.error,
    ],
  );
  return rowCount === 1;
}

/** Takes the rows of reports that are older than this. @returns keys of their files, to be deleted */
export async function dropOldExports(db: Database, olderThanMs: number): Promise<string[]> {
  const { rows } = await db.pool.query<{ key: string | null }>(
    `DELETE FROM exports WHERE created_at < clock_timestamp() - $1 * interval '1 millisecond' RETURNING blob_key AS key`,
    [olderThanMs],
  );
  return rows.flatMap(({ key }) => key ?? []);
}
