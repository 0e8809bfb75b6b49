import { readlink, realpath, rm } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Logger } from "@pregonero/runtime";
import { BrowserOpenError } from "./errors.ts";
import { killHard, pidsOfProfile, waitUntilGone } from "./processes.ts";

const killWaitMs = 5_000;

async function linkTarget(path: string): Promise<string | null> {
  return readlink(path).catch(() => null);
}

/**
 * Makes a profile ready for a launch. Only for the holder of the device's lease: under the lease, whoever else uses
 * the profile is an orphan (a worker that lost the device), and a lock of another host is that of a dead one.
 * Chromium would refuse to start in both cases (exit code 21).
 *
 * Nothing but processes of exactly this profile is touched: the pid in a lock may long belong to somebody else.
 * @throws BrowserOpenError `profile_in_use` when an orphan survives SIGKILL.
 */
export async function takeOverProfile(profileDir: string, log: Logger): Promise<void> {
  const lock = await linkTarget(join(profileDir, "SingletonLock"));
  await killOrphans(profileDir, log);
  if (lock === null) return;
  log.info("stale browser lock removed", { lock });
  await removeSocketFolder(profileDir, lock);
  // Symlinks whose targets do not exist: `rm` with force takes the link itself.
  for (const name of ["SingletonLock", "SingletonCookie", "SingletonSocket"]) {
    await rm(join(profileDir, name), { force: true });
  }
}

/** SIGKILLs every browser process of the profile on this host and waits for them. */
export async function killOrphans(profileDir: string, log: Logger): Promise<void> {
  // The same folder may have been named through a symlink by the worker before us.
  const real = await realpath(profileDir).catch(() => profileDir);
  const spellings = [...new Set([profileDir, real])];
  const orphans = async (): Promise<number[]> => (await Promise.all(spellings.map(pidsOfProfile))).flat();
  const pids = await orphans();
  if (pids.length === 0) return;
  log.warn("orphaned browser killed", { pids });
  for (const pid of pids) killHard(pid);
  if (!(await waitUntilGone(orphans, killWaitMs))) {
    throw new BrowserOpenError("profile_in_use", "a browser of this profile survived SIGKILL");
  }
}

/** A killed Chromium leaves its socket's folder in the temporary directory; one for each crash adds up. */
async function removeSocketFolder(profileDir: string, lock: string): Promise<void> {
  const host = lock.slice(0, lock.lastIndexOf("-"));
  const socket = await linkTarget(join(profileDir, "SingletonSocket"));
  if (socket === null || host !== hostname()) return;
  const folder = dirname(socket);
  const isChromiums = dirname(folder) === tmpdir() && /[/.](org\.chromium|com\.google)\./i.test(folder);
  if (isChromiums) await rm(folder, { recursive: true, force: true });
}
