import type { Database } from "../database.ts";
import type { Queryable } from "./transaction.ts";

/** The id of a tenant by its id or slug, as tokens name it; null when there is none. */
export async function findTenantId(db: Database, idOrSlug: string): Promise<number | null> {
  const { rows } = await db.pool.query<{ id: number }>(
    "SELECT id FROM tenants WHERE slug = $1 OR id::text = $1",
    [idOrSlug],
  );
  return rows[0]?.id ?? null;
}

/** Makes the tenant unless there is one with that slug. @returns its id */
export async function ensureTenant(tx: Queryable, tenant: { slug: string; name: string }): Promise<number> {
  const { rows } = await tx.query<{ id: number }>(
    `INSERT INTO tenants (slug, name) VALUES ($1, $2)
     ON CONFLICT (slug) DO UPDATE SET name = tenants.name RETURNING id`,
    [tenant.slug, tenant.name],
  );
  const id = rows[0]?.id;
  if (id === undefined) throw new Error("the tenant could not be made");
  return id;
}
