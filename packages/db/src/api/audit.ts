import type { AuditEntry } from "@pregonero/contracts";
import type { Database } from "../database.ts";
import { decodeCursor, isNumber, toJson, toPage, type Page } from "./rows.ts";
import type { Queryable } from "./transaction.ts";

/** Who does something, for the audit log and `created_by`. */
export interface Actor {
  readonly tenantId: number;
  readonly actor: string;
}

/**
 * One line of the audit log, in the transaction of the change that it tells about.
 *
 * @param action what was done, as `campaign.create`
 * @param subject what to, as `campaign:0190…`
 * @param detail never holds texts or whole phone numbers
 */
export async function writeAudit(
  tx: Queryable,
  who: Actor,
  entry: { action: string; subject: string; detail?: Readonly<Record<string, unknown>> },
): Promise<void> {
  await tx.query(
    "INSERT INTO audit_log (tenant_id, actor, action, subject, detail) VALUES ($1, $2, $3, $4, $5)",
    [who.tenantId, who.actor, entry.action, entry.subject, JSON.stringify(entry.detail ?? {})],
  );
}

export interface AuditFilters {
  readonly actor?: string | undefined;
  readonly action?: string | undefined;
  readonly subject?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/** Newest first, in the order in which it was written down. */
export async function listAudit(
  db: Database,
  tenantId: number,
  page: AuditFilters & { limit: number; cursor?: string | undefined },
): Promise<Page<AuditEntry>> {
  const before = decodeCursor(page.cursor, isNumber)?.[0] ?? null;
  const { rows } = await db.pool.query<object>(
    `SELECT a.id::text, a.at, a.actor, a.action, a.subject, a.detail FROM audit_log a
     WHERE a.tenant_id = $1 AND ($2::bigint IS NULL OR a.id < $2)
       AND ($3::text IS NULL OR actor = $3)
       AND ($4::text IS NULL OR action = $4 OR starts_with(action, $4 || '.'))
       AND ($5::text IS NULL OR subject = $5)
       AND ($6::timestamptz IS NULL OR at >= $6) AND ($7::timestamptz IS NULL OR at < $7)
     ORDER BY a.id DESC LIMIT $8`,
    [
      tenantId,
      before,
      page.actor ?? null,
      page.action ?? null,
      page.subject ?? null,
      page.from ?? null,
      page.to ?? null,
      page.limit + 1,
    ],
  );
  return toPage(
    rows.map((row) => toJson<AuditEntry>(row)),
    page.limit,
    (entry) => [Number(entry.id)],
  );
}
