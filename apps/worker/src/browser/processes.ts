import { readdir, readFile } from "node:fs/promises";
import { sleep } from "@pregonero/runtime";

/*
 * What /proc knows about Chromium's processes. On a system without /proc every question is answered with "none",
 * and the process group (Chromium is started as the leader of its own) is all there is to go by.
 */

const pollMs = 20;

async function read(path: string): Promise<string | null> {
  // A process may end between the listing and the reading: then there is nothing to read, and that is an answer.
  return readFile(path, "utf8").catch(() => null);
}

async function allPids(): Promise<number[]> {
  const names = await readdir("/proc").catch(() => []);
  return names.filter((name) => /^\d+$/.test(name)).map(Number);
}

async function pidsWhere(test: (pid: number) => Promise<boolean>): Promise<number[]> {
  const pids = await allPids();
  const verdicts = await Promise.all(pids.map(test));
  return pids.filter((_, index) => verdicts[index]);
}

/**
 * Whether a command line is that of a browser (or one of its children) on exactly this profile. Children write their
 * arguments separated by blanks, and `device-1` must not be taken for `device-12`.
 */
export function isBrowserOfProfile(commandLine: string, profileDir: string): boolean {
  const flag = `--user-data-dir=${profileDir}`;
  const at = commandLine.indexOf(flag);
  if (at < 0) return false;
  const next = commandLine[at + flag.length] ?? "\0";
  if (next !== "\0" && next !== " ") return false;
  return commandLine.includes("--type=") || commandLine.includes("--remote-debugging-");
}

/** Browser processes on this host that use the profile. */
export function pidsOfProfile(profileDir: string): Promise<number[]> {
  return pidsWhere(async (pid) => isBrowserOfProfile((await read(`/proc/${pid}/cmdline`)) ?? "", profileDir));
}

/** Living members of a process group; a zombie holds nothing and counts as gone. */
export function pidsOfGroup(groupId: number): Promise<number[]> {
  return pidsWhere(async (pid) => {
    const stat = await read(`/proc/${pid}/stat`);
    if (stat === null) return false;
    // The command's name is in brackets and may hold anything; the fields after it are: state, parent, group.
    const [state, , group] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return Number(group) === groupId && state !== "Z" && state !== "X";
  });
}

/** SIGKILL; a process or group (negative) that is gone already is no error. */
export function killHard(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

/** Asks `alive` until it names nobody, at most `timeoutMs`. Resolves with whether they are gone. */
export async function waitUntilGone(alive: () => Promise<number[]>, timeoutMs: number): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  while ((await alive()).length > 0) {
    if (performance.now() >= deadline) return false;
    await sleep(pollMs);
  }
  return true;
}

/**
 * Memory of the processes in MB: proportional set size, so that what Chromium's processes share is counted once.
 * `null` when it cannot be known.
 */
export async function memoryMbOf(pids: readonly number[]): Promise<number | null> {
  const rollups = await Promise.all(pids.map((pid) => read(`/proc/${pid}/smaps_rollup`)));
  const kilobytes = rollups.map((text) => Number(/^Pss:\s+(\d+) kB/m.exec(text ?? "")?.[1] ?? 0));
  const total = kilobytes.reduce((sum, kb) => sum + kb, 0);
  return total === 0 ? null : Math.round(total / 1024);
}
