import { createApiKey } from "./api/api-keys.ts";
import { inTransaction, type Database } from "./database.ts";

export interface Seeded {
  readonly tenantId: number;
  /** A new admin key, shown this once; null when the tenant has a key already. */
  readonly key: string | null;
}

/** The first tenant and its first admin key. Changes nothing when they are there. Safe to run twice at once. */
export async function seed(db: Database): Promise<Seeded> {
  return await inTransaction(db.pool, async (client) => {
    await client.query("LOCK TABLE tenants IN EXCLUSIVE MODE");
    await client.query(
      `INSERT INTO tenants (slug, name) SELECT 'default', 'Default' WHERE NOT EXISTS (SELECT 1 FROM tenants)`,
    );
    const tenants = await client.query<{ id: number }>("SELECT id FROM tenants ORDER BY id LIMIT 1");
    const tenantId = tenants.rows[0]?.id;
    if (tenantId === undefined) throw new Error("no tenant");
    const keys = await client.query("SELECT 1 FROM api_keys WHERE tenant_id = $1 AND revoked_at IS NULL", [
      tenantId,
    ]);
    if (keys.rows.length > 0) return { tenantId, key: null };
    const { key } = await createApiKey(client, { tenantId, name: "first admin", role: "admin" });
    return { tenantId, key };
  });
}
