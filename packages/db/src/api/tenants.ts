import type { Database } from "../database.ts";

/** The id of a tenant by its id or slug, as tokens name it; null when there is none. */
export async function findTenantId(db: Database, idOrSlug: string): Promise<number | null> {
  const { rows } = await db.pool.query<{ id: number }>(
    "SELECT id FROM tenants WHERE slug = $1 OR id::text = $1",
    [idOrSlug],
  );
  return rows[0]?.id ?? null;
}

/** How a tenant is called; null when there is none with that id. */
export async function findTenantName(
  db: Database,
  tenantId: number,
): Promise<{ slug: string; name: string } | null> {
  const { rows } = await db.pool.query<{ slug: string; name: string }>(
    "SELECT slug, name FROM tenants WHERE id = $1",
    [tenantId],
  );
  return rows[0] ?? null;
}
