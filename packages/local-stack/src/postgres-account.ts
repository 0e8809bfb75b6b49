import { execFile } from "node:child_process";
import { stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { promisify } from "node:util";
import { findExecutable } from "./find-executable.ts";
import { findSetpriv, type Command } from "./parent-death.ts";
import { SetupError } from "./setup-error.ts";
import { readStackEnv } from "./env.ts";

const run = promisify(execFile);

/** Under whom Postgres runs. It refuses to run as root. */
export interface PostgresAccount {
  /** Set when this process is root and has to become somebody else. */
  readonly uid?: number;
  readonly gid?: number;
  /** What goes before the command; it becomes the command under the same process id. */
  readonly prefix: readonly string[];
}

async function idOf(flag: "-u" | "-g", user: string): Promise<number | undefined> {
  const answer = await run("id", [flag, user]).catch(() => undefined);
  return answer === undefined ? undefined : Number.parseInt(answer.stdout, 10);
}

async function userIds(user: string): Promise<{ uid: number; gid: number } | undefined> {
  const [uid, gid] = [await idOf("-u", user), await idOf("-g", user)];
  return uid === undefined || gid === undefined ? undefined : { uid, gid };
}

async function postgresUser(): Promise<{ uid: number; gid: number }> {
  const existing = await userIds("postgres");
  if (existing) return existing;
  const useradd = await findExecutable(["useradd"], readStackEnv().path);
  if (useradd)
    await run(useradd, ["--system", "--user-group", "--no-create-home", "postgres"]).catch(() => undefined);
  const created = await userIds("postgres");
  if (created) return created;
  throw new SetupError(
    "Postgres does not run as root, and there is no user for it here. Run as another user, create one called postgres, or set DATABASE_URL.",
  );
}

async function canEnter(path: string, uid: number, gid: number): Promise<boolean> {
  const folder = dirname(path);
  const info = await stat(folder).catch(() => undefined);
  if (info) {
    const bit = info.uid === uid ? 0o100 : info.gid === gid ? 0o010 : 0o001;
    if ((info.mode & bit) === 0) return false;
  }
  return folder === path || canEnter(folder, uid, gid);
}

// The kernel's own way to let one program pass folders of root's (a project under /root, say) without loosening them.
// no_setuid_fixup: initdb asks access(2), which otherwise forgets capabilities of users other than root.
const passFolders = [
  "--securebits",
  "+no_setuid_fixup",
  "--inh-caps",
  "+dac_override",
  "--ambient-caps",
  "+dac_override",
];

/**
 * @param paths what Postgres must be able to reach: its programs and its data folder
 * @throws SetupError when this process is root and nobody else can be used
 */
export async function postgresAccount(dataDir: string, paths: readonly string[]): Promise<PostgresAccount> {
  const setpriv = await findSetpriv();
  const withParent = setpriv === undefined ? [] : [setpriv, "--pdeathsig", "SIGINT"];
  if (process.getuid?.() !== 0) return { prefix: withParent };
  // A folder that was made under another account is run under that account.
  const owner = await stat(dataDir).catch(() => undefined);
  const { uid, gid } = owner && owner.uid !== 0 ? owner : await postgresUser();
  const reachable = await Promise.all([dataDir, ...paths].map((path) => canEnter(resolve(path), uid, gid)));
  if (reachable.every(Boolean)) return { uid, gid, prefix: withParent };
  if (setpriv === undefined) {
    throw new SetupError(
      `Postgres does not run as root, and its user cannot enter the folder of ${dataDir}. Move the project out of root's home, or set DATABASE_URL.`,
    );
  }
  const become = ["--reuid", String(uid), "--regid", String(gid), "--clear-groups"];
  return { uid, gid, prefix: [...withParent, ...become, ...passFolders] };
}

/** The program and its arguments under the account, as spawn options. */
export function underAccount(
  account: PostgresAccount,
  command: Command,
): { command: Command; uid?: number; gid?: number } {
  const [first, ...rest] = [...account.prefix, ...command];
  const full: Command = [first ?? command[0], ...rest];
  // With --reuid it is setpriv that changes the user, and it must still be root to hand on the capability.
  if (account.prefix.includes("--reuid") || account.uid === undefined || account.gid === undefined)
    return { command: full };
  return { command: full, uid: account.uid, gid: account.gid };
}
