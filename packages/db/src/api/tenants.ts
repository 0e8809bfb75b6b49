import type { Database } from "../database.ts";

/** The id of a tenant by its id or slug, as tokens name it; null when there is none. */
export async function findTenantId(db: Database, idOrSlug: string): Promise<number | null> {
  const { rows } = await db.pool.query<{ id: number }>(
    "SELECT id FROM tenants WHERE slug = $1 OR id::text = $1",
    [idOrSlug],
  );
  return rows[0]?.id ?? null;
}
