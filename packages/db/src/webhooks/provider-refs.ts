import type { Queryable } from "../api/transaction.ts";

/**
 * Notes what a gateway calls messages of ours. The device is that of the claim, so only claims that exist get a row;
 * repeating it is harmless. Mutates.
 */
export async function recordProviderRefs(
  db: Queryable,
  refs: readonly { readonly providerMessageId: string; readonly providerRef: string }[],
): Promise<void> {
  if (refs.length === 0) return;
  await db.query({
    name: "record_provider_refs",
    text: `INSERT INTO provider_refs (device_id, ref, provider_message_id)
      SELECT m.device_id, r.ref, r.id FROM unnest($1::text[], $2::text[]) AS r (ref, id)
      JOIN messages m ON m.provider_message_id = r.id WHERE m.device_id IS NOT NULL
      ON CONFLICT DO NOTHING`,
    values: [refs.map((ref) => ref.providerRef), refs.map((ref) => ref.providerMessageId)],
  });
}

/** Our id of the message that a device's gateway calls `ref`; null when it has not told us. */
export async function findByProviderRef(
  db: Queryable,
  deviceId: number,
  ref: string,
): Promise<string | null> {
  const { rows } = await db.query<{ id: string }>({
    name: "find_by_provider_ref",
    text: "SELECT provider_message_id AS id FROM provider_refs WHERE device_id = $1 AND ref = $2",
    values: [deviceId, ref],
  });
  return rows[0]?.id ?? null;
}
