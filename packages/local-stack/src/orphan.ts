import { execFile } from "node:child_process";
import { readFile, readlink, realpath, rm } from "node:fs/promises";
import { promisify } from "node:util";
import { sleep } from "@pregonero/runtime";
import { SetupError } from "./setup-error.ts";

const run = promisify(execFile);
const pollMs = 50;

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Not ours to signal, but there.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** The servers that we start live in their data folder; a process that got a recycled id does not. */
async function livesIn(pid: number, dataDir: string): Promise<boolean> {
  if (process.platform === "linux") {
    const cwd = await readlink(`/proc/${pid}/cwd`).catch(() => undefined);
    return cwd === (await realpath(dataDir));
  }
  const listing = await run("lsof", ["-a", "-p", String(pid), "-d", "cwd", "-Fn"]).catch(() => undefined);
  return listing?.stdout.split("\n").includes(`n${await realpath(dataDir)}`) ?? false;
}

export interface Orphan {
  readonly name: string;
  /** Its first line is the process id. */
  readonly pidFile: string;
  readonly dataDir: string;
  readonly signal: NodeJS.Signals;
  readonly timeoutMs: number;
}

/**
 * Ends the server that an earlier run left behind on this data folder (two on one folder would corrupt it) and removes
 * its pid file, also one whose process is long gone and whose id belongs to somebody else now.
 * @throws SetupError when the old server does not end.
 */
export async function endOrphan({ name, pidFile, dataDir, signal, timeoutMs }: Orphan): Promise<void> {
  const text = await readFile(pidFile, "utf8").catch(() => "");
  const pid = Number.parseInt(text, 10);
  if (Number.isInteger(pid) && pid > 0 && isAlive(pid) && (await livesIn(pid, dataDir))) {
    process.kill(pid, signal);
    for (let waitedMs = 0; isAlive(pid) && waitedMs < timeoutMs; waitedMs += pollMs) await sleep(pollMs);
    if (isAlive(pid) && (await livesIn(pid, dataDir))) {
      throw new SetupError(
        `${name} of an earlier run (process ${pid}) still uses ${dataDir} and does not end.`,
      );
    }
  }
  await rm(pidFile, { force: true });
}
