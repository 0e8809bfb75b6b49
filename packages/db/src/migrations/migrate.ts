import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openSchemaEngine, type SchemaFile } from "./schema-engine.ts";

const prismaFolder = fileURLToPath(new URL("../../../../prisma/", import.meta.url));
const noFilters = { externalTables: [], externalEnums: [] };

async function readSchema(path = `${prismaFolder}schema`): Promise<SchemaFile[]> {
  if ((await stat(path)).isFile()) return [{ path, text: await readFile(path, "utf8") }];
  const names = (await readdir(path)).filter((name) => name.endsWith(".prisma")).sort();
  return await Promise.all(
    names.map(async (name) => ({ path: join(path, name), text: await readFile(join(path, name), "utf8") })),
  );
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
 * SQL that takes a database of the schema at `oldPath` (a file, or a folder of them; of nothing, when null) to what
 * prisma/schema says now: the start of a migration, finished by hand (indexes with conditions, functions and partitions
 * are beyond Prisma's language).
 */
export async function diffSchema(databaseUrl: string, oldPath: string | null): Promise<string> {
  const schema = await readSchema();
  await using handle = await openSchemaEngine(databaseUrl, schema);
  const datamodel = (files: readonly SchemaFile[]) => ({
    tag: "schemaDatamodel" as const,
    files: files.map(({ path, text }) => ({ path, content: text })),
    configDir: prismaFolder,
  });
  const { stdout } = await handle.engine.diff({
    from: oldPath === null ? { tag: "empty" } : datamodel(await readSchema(oldPath)),
    to: datamodel(schema),
    script: true,
    exitCode: null,
    filters: noFilters,
  });
  return stdout ?? "";
}
