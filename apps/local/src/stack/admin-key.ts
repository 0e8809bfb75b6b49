import { readFile, writeFile } from "node:fs/promises";
import { createApiKey, findKeyHolder, openDatabase, seed } from "@pregonero/db";

export interface Admin {
  readonly tenantId: number;
  readonly key: string;
}

/**
 * The key of the first tenant's admin. It can be read back from nowhere, so it is kept in a file; one that the database
 * does not know (any more) is replaced.
 * @param file null keeps it nowhere
 */
export async function ensureAdminKey(databaseUrl: string, file: string | null): Promise<Admin> {
  const db = openDatabase({ url: databaseUrl, name: "pregonero-local", maxConnections: 2 });
  try {
    const { tenantId, key: fresh } = await seed(db);
    const kept = file === null ? "" : (await readFile(file, "utf8").catch(() => "")).trim();
    if (fresh === null && kept !== "" && (await findKeyHolder(db, kept))?.tenantId === tenantId)
      return { tenantId, key: kept };
    const key = fresh ?? (await createApiKey(db.pool, { tenantId, name: "local admin", role: "admin" })).key;
    if (file !== null) await writeFile(file, `${key}\n`, { mode: 0o600 });
    return { tenantId, key };
  } finally {
    await db.close();
  }
}
