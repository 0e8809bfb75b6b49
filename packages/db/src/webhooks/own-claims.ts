import type { MessageState } from "@pregonero/domain";
import type { Queryable } from "../api/transaction.ts";

/** A message as it stands that a provider reports on. */
export interface OwnClaim {
  readonly providerMessageId: string;
  readonly deviceId: number | null;
  readonly phone: string;
  readonly state: MessageState;
  readonly errorCode: string | null;
}

/**
 * Of these provider message ids those that are a tenant's own: a webhook speaks for the numbers of its tenant and for
 * nobody else's. No lock.
 */
export async function readOwnClaims(
  db: Queryable,
  reports: readonly { readonly providerMessageId: string; readonly tenantId: number }[],
): Promise<OwnClaim[]> {
  const { rows } = await db.query<OwnClaim>({
    name: "read_own_claims",
    text: `SELECT m.provider_message_id AS "providerMessageId", m.device_id AS "deviceId", m.phone, m.state,
        m.error_code AS "errorCode"
      FROM unnest($1::text[], $2::int[]) AS r (id, tenant_id)
      JOIN messages m ON m.provider_message_id = r.id AND m.tenant_id = r.tenant_id`,
    values: [reports.map((report) => report.providerMessageId), reports.map((report) => report.tenantId)],
  });
  return rows;
}
