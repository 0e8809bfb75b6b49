import { randomBytes } from "node:crypto";
import { chown, mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { runToEnd } from "./child-process.ts";
import { underAccount, type PostgresAccount } from "./postgres-account.ts";
import type { PostgresBinaries } from "./postgres-binaries.ts";
import { SetupError } from "./setup-error.ts";

export const databaseName = "pregonero";
export const databaseUser = "postgres";

// Its own file in the data folder: readable by whom the data is readable for, and gone with it.
const passwordFile = "pregonero.password";

/** Messages of Postgres are read for "ready": they must be in one language. */
export const postgresEnv: NodeJS.ProcessEnv = { LC_ALL: "C", TZ: "UTC" };

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/**
 * Makes the data folder when there is none. It is built beside its place and moved there when complete, so that an
 * interrupted first start leaves nothing half made.
 */
async function ensureCluster(
  dataDir: string,
  binaries: PostgresBinaries,
  account: PostgresAccount,
): Promise<void> {
  if (await exists(join(dataDir, "PG_VERSION"))) return;
  await mkdir(dirname(dataDir), { recursive: true });
  const draft = await mkdtemp(`${dataDir}.new-`);
  try {
    const pwfile = join(draft, passwordFile);
    const cluster = join(draft, "data");
    await mkdir(cluster, { mode: 0o700 });
    await writeFile(pwfile, `${randomBytes(18).toString("hex")}\n`, { mode: 0o600 });
    const { uid, gid } = account;
    if (uid !== undefined && gid !== undefined)
      for (const path of [draft, cluster, pwfile]) await chown(path, uid, gid);
    const flags = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"];
    const auth = [`--username=${databaseUser}`, "--auth=scram-sha-256", `--pwfile=${pwfile}`];
    const command = [binaries.initdb, "-D", cluster, "--no-instructions", ...flags, ...auth] as const;
    await runToEnd({ name: "initdb", env: postgresEnv, cwd: draft, ...underAccount(account, command) });
    await rename(pwfile, join(cluster, passwordFile));
    await rename(cluster, dataDir);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/**
 * The database has to be there before the first connection. Postgres's single-user mode makes it without a client and
 * takes 30 ms when there is nothing to do.
 */
async function ensureDatabase(
  dataDir: string,
  binaries: PostgresBinaries,
  account: PostgresAccount,
): Promise<void> {
  const command = [
    binaries.postgres,
    "--single",
    "-D",
    dataDir,
    "-c",
    "log_checkpoints=off",
    "postgres",
  ] as const;
  const input = `CREATE DATABASE ${databaseName}\n`;
  const options = { name: "postgres --single", env: postgresEnv, cwd: dataDir, input };
  const output = await runToEnd({ ...options, ...underAccount(account, command) });
  const failure = output.split("\n").find((line) => /\b(ERROR|FATAL|PANIC):/.test(line));
  if (failure !== undefined && !failure.includes("already exists")) {
    throw new SetupError(`The database ${databaseName} could not be created: ${failure}`);
  }
}

/** A data folder with the database in it. Returns the password of its owner. Needs the server to be down. */
export async function prepareCluster(
  dataDir: string,
  binaries: PostgresBinaries,
  account: PostgresAccount,
): Promise<string> {
  await ensureCluster(dataDir, binaries, account);
  await ensureDatabase(dataDir, binaries, account);
  return (await readFile(join(dataDir, passwordFile), "utf8")).trim();
}
