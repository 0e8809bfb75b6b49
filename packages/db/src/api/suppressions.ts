import type { Suppression } from "@pregonero/contracts";
import type { Database } from "../database.ts";
import { decodeCursor, isText, toJson, toPage, type Page } from "./rows.ts";
import type { Queryable } from "./transaction.ts";

export async function listSuppressions(
  db: Database,
  tenantId: number,
  page: { limit: number; cursor?: string | undefined },
): Promise<Page<Suppression>> {
  const after = decodeCursor(page.cursor, isText)?.[0] ?? "";
  const { rows } = await db.pool.query<object>(
    `SELECT phone, reason, created_at FROM suppressions WHERE tenant_id = $1 AND phone > $2 ORDER BY phone LIMIT $3`,
    [tenantId, after, page.limit + 1],
  );
  return toPage(
    rows.map((row) => toJson<Suppression>(row)),
    page.limit,
    (suppression) => [suppression.phone],
  );
}

/** Harmless twice: the first reason stays. */
export async function addSuppression(
  tx: Queryable,
  tenantId: number,
  request: { phone: string; reason: string },
): Promise<Suppression> {
  const { rows } = await tx.query<object>(
    `INSERT INTO suppressions (tenant_id, phone, reason) VALUES ($1, $2, $3)
     ON CONFLICT (tenant_id, phone) DO UPDATE SET reason = suppressions.reason RETURNING phone, reason, created_at`,
    [tenantId, request.phone, request.reason],
  );
  return toJson<Suppression>(rows[0] ?? {});
}

/** Adds many at once; those that are there keep their reason. Mutates. @returns how many are new */
export async function addSuppressions(
  tx: Queryable,
  tenantId: number,
  request: { phones: readonly string[]; reason: string },
): Promise<number> {
  const { rowCount } = await tx.query(
    `INSERT INTO suppressions (tenant_id, phone, reason) SELECT $1, phone, $3 FROM unnest($2::text[]) AS phone
     ON CONFLICT DO NOTHING`,
    [tenantId, request.phones, request.reason],
  );
  return rowCount ?? 0;
}

const rowsPerRead = 5_000;

/** The whole list by number, a batch at a time: it may be long. */
export async function* readSuppressions(db: Database, tenantId: number): AsyncGenerator<Suppression[]> {
  let after = "";
  for (;;) {
    const { rows } = await db.pool.query<object>(
      `SELECT phone, reason, created_at FROM suppressions WHERE tenant_id = $1 AND phone > $2 ORDER BY phone LIMIT $3`,
      [tenantId, after, rowsPerRead],
    );
    const last = rows.map((row) => toJson<Suppression>(row));
    if (last.length > 0) yield last;
    if (last.length < rowsPerRead) return;
    after = last.at(-1)?.phone ?? after;
  }
}

export async function removeSuppression(tx: Queryable, tenantId: number, phone: string): Promise<boolean> {
  const { rowCount } = await tx.query("DELETE FROM suppressions WHERE tenant_id = $1 AND phone = $2", [
    tenantId,
    phone,
  ]);
  return rowCount === 1;
}
