import { spawn } from "node:child_process";
import { openDatabase } from "./database.ts";
import { diffSchema, migrateDatabase } from "./migrations/migrate.ts";
import { seed } from "./seed.ts";

const usage = `usage: cli.ts migrate | seed | diff [OLD_SCHEMA_FILE] | studio   (DATABASE_URL names the database)`;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

async function migrate(url: string): Promise<void> {
  const applied = await migrateDatabase(url);
  say(applied.length === 0 ? "the database is up to date" : `applied: ${applied.join(", ")}`);
}

async function seedDatabase(url: string): Promise<void> {
  await migrate(url);
  const db = openDatabase({ url, name: "pregonero-seed" });
  try {
    const { tenantId, key } = await seed(db);
    say(key === null ? `tenant ${tenantId} has a key already` : `tenant ${tenantId}, admin key: ${key}`);
  } finally {
    await db.close();
  }
}

/** SQL from the schema as it was (a file or folder, or nothing) to prisma/schema: the start of a migration. */
async function diff(url: string, oldSchema: string | undefined): Promise<void> {
  say(await diffSchema(url, oldSchema ?? null));
}

function studio(url: string): Promise<void> {
  const child = spawn("npx", ["prisma", "studio"], {
    stdio: "inherit",
    env: { ...process.env, DATABASE_URL: url },
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", () => resolve());
  });
}

async function run(command: string | undefined, argument: string | undefined): Promise<void> {
  const url = process.env["DATABASE_URL"];
  if (!url) throw new Error("DATABASE_URL is not set");
  switch (command ?? "") {
    case "migrate":
      return await migrate(url);
    case "seed":
      return await seedDatabase(url);
    case "diff":
      return await diff(url, argument);
    case "studio":
      return await studio(url);
    default:
      throw new Error(usage);
  }
}

run(process.argv[2], process.argv[3]).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
