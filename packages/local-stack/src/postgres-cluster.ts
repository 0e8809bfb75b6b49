import { randomBytes } from "node:crypto";
import { chown, mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { runToEnd } from "./child-process.ts";
import { underAccount, type PostgresAccount } from "./postgres-account.ts";
import type { PostgresBinaries } from "./postgres-binaries.ts";
import { SetupError } from "./setup-error.ts";

export const databaseName = "pregonero";
export const databaseUser = "postgres";

/** What it takes to run Postgres on a folder. */
export interface Cluster {
  readonly dataDir: string;
  readonly binaries: PostgresBinaries;
  readonly account: PostgresAccount;
  /** `false`: a crash of the machine may lose everything. */
  readonly durable: boolean;
}

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

async function initialise(draft: string, { binaries, account, durable }: Cluster): Promise<string> {
  const pwfile = join(draft, passwordFile);
  const data = join(draft, "data");
  await mkdir(data, { mode: 0o700 });
  await writeFile(pwfile, `${randomBytes(18).toString("hex")}\n`, { mode: 0o600 });
  const { uid, gid } = account;
  if (uid !== undefined && gid !== undefined) {
    for (const path of [draft, data, pwfile]) await chown(path, uid, gid);
  }
  const flags = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"];
  const auth = [`--username=${databaseUser}`, "--auth=scram-sha-256", `--pwfile=${pwfile}`];
  const speed = durable ? [] : ["--no-sync"];
  const command = [binaries.initdb, "-D", data, "--no-instructions", ...speed, ...flags, ...auth] as const;
  await runToEnd({ name: "initdb", env: postgresEnv, cwd: draft, ...underAccount(account, command) });
  await rename(pwfile, join(data, passwordFile));
  return data;
}

/**
 * Makes the data folder when there is none. It is built beside its place and moved there when complete, so that an
 * interrupted first start leaves nothing half made.
 */
async function ensureCluster(cluster: Cluster): Promise<void> {
  const { dataDir } = cluster;
  if (await exists(join(dataDir, "PG_VERSION"))) return;
  await mkdir(dirname(dataDir), { recursive: true });
  const draft = await mkdtemp(`${dataDir}.new-`);
  try {
    await rename(await initialise(draft, cluster), dataDir);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/**
 * The database has to be there before the first connection. Postgres's single-user mode makes it without a client and
 * takes 30 ms when there is nothing to do.
 */
async function ensureDatabase({ dataDir, binaries, account, durable }: Cluster): Promise<void> {
  const speed = durable ? [] : ["-c", "fsync=off"];
  const flags = ["-D", dataDir, "-c", "log_checkpoints=off", ...speed];
  const command = [binaries.postgres, "--single", ...flags, "postgres"] as const;
  const input = `CREATE DATABASE ${databaseName}\n`;
  const options = { name: "postgres --single", env: postgresEnv, cwd: dataDir, input };
  const output = await runToEnd({ ...options, ...underAccount(account, command) });
  const failure = output.split("\n").find((line) => /\b(ERROR|FATAL|PANIC):/.test(line));
  if (failure !== undefined && !failure.includes("already exists")) {
    throw new SetupError(`The database ${databaseName} could not be created: ${failure}`);
  }
}

/** A data folder with the database in it. Returns the password of its owner. Needs the server to be down. */
export async function prepareCluster(cluster: Cluster): Promise<string> {
  await ensureCluster(cluster);
  await ensureDatabase(cluster);
  return (await readFile(join(cluster.dataDir, passwordFile), "utf8")).trim();
}
