import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { openSchemaEngine } from "./schema-engine.ts";

const prismaFolder = fileURLToPath(new URL("../../../../prisma/", import.meta.url));
const noFilters = { externalTables: [], externalEnums: [] };

async function readSchema(): Promise<{ path: string; text: string }> {
  const path = `${prismaFolder}schema.prisma`;
  return { path, text: await readFile(path, "utf8") };
}

async function readMigrations() {
  const baseDir = `${prismaFolder}migrations`;
  const entries = await readdir(baseDir, { withFileTypes: true });
  const names = entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
  const migrationDirectories = await Promise.all(
    names.map(async (path) => ({
      path,
      migrationFile: {
        path: "migration.sql",
        content: { tag: "ok" as const, value: await readFile(`${baseDir}/${path}/migration.sql`, "utf8") },
      },
    })),
  );
  return {
    baseDir,
    lockfile: { path: "migration_lock.toml", content: 'provider = "postgresql"\n' },
    migrationDirectories,
    shadowDbInitScript: "",
  };
}

/**
 * Applies the migrations that the database does not have yet. Safe to run at once from several processes: Prisma's
 * engine takes an advisory lock.
 *
 * @returns names of the migrations applied now
 */
export async function migrateDatabase(databaseUrl: string): Promise<string[]> {
  await using handle = await openSchemaEngine(databaseUrl, await readSchema());
  const { appliedMigrationNames } = await handle.engine.applyMigrations({
    migrationsList: await readMigrations(),
    filters: noFilters,
  });
  return appliedMigrationNames;
}

/** SQL that takes a database with all migrations to what schema.prisma says; written by hand into a migration. */
export async function diffSchema(databaseUrl: string, from: "empty" | "database"): Promise<string> {
  const schema = await readSchema();
  await using handle = await openSchemaEngine(databaseUrl, schema);
  const files = [{ path: schema.path, content: schema.text }];
  const { stdout } = await handle.engine.diff({
    from: from === "empty" ? { tag: "empty" } : { tag: "schemaDatasource", files, configDir: prismaFolder },
    to: { tag: "schemaDatamodel", files, configDir: prismaFolder },
    script: true,
    exitCode: null,
    shadowDatabaseUrl: null,
    filters: noFilters,
  } as never);
  return stdout ?? "";
}
