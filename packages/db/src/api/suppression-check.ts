import type { Queryable } from "./transaction.ts";

/** Of these numbers those that must not be written to. */
export type SuppressionCheck = (phones: readonly string[]) => Promise<ReadonlySet<string>>;

/** Lists up to this length are read whole, some 5 MB: most are shorter, and asking for each batch doubles its trips. */
const wholeUpTo = 50_000;

/** For checking many numbers of one tenant within a transaction. Claims check once more, so a late entry counts too. */
export async function openSuppressionCheck(tx: Queryable, tenantId: number): Promise<SuppressionCheck> {
  const { rows } = await tx.query<{ phone: string }>(
    "SELECT phone FROM suppressions WHERE tenant_id = $1 LIMIT $2",
    [tenantId, wholeUpTo + 1],
  );
  if (rows.length > wholeUpTo) return (phones) => findSuppressed(tx, tenantId, phones);
  const all = new Set(rows.map(({ phone }) => phone));
  return () => Promise.resolve(all);
}

async function findSuppressed(
  tx: Queryable,
  tenantId: number,
  phones: readonly string[],
): Promise<ReadonlySet<string>> {
  const { rows } = await tx.query<{ phone: string }>({
    name: "find_suppressed",
    text: "SELECT phone FROM suppressions WHERE tenant_id = $1 AND phone = ANY ($2)",
    values: [tenantId, phones],
  });
  return new Set(rows.map(({ phone }) => phone));
}
