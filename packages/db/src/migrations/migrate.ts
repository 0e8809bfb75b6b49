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

/**
 * SQL that takes a database of the schema `oldSchema` (of nothing, when null) to what schema.prisma says now: the start
 * of a migration, finished by hand (indexes with conditions, functions and partitions are beyond schema.prisma).
 */
export async function diffSchema(databaseUrl: string, oldSchema: string | null): Promise<string> {
  const schema = await readSchema();
  await using handle = await openSchemaEngine(databaseUrl, schema);
  const datamodel = (content: string) => ({
    tag: "schemaDatamodel" as const,
    files: [{ path: schema.path, content }],
    configDir: prismaFolder,
  });
  const { stdout } = await handle.engine.diff({
    from: oldSchema === null ? { tag: "empty" } : datamodel(oldSchema),
    to: datamodel(schema.text),
    script: true,
    exitCode: null,
    filters: noFilters,
  });
  return stdout ?? "";
}
