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
