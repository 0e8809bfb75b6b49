import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stackOwner } from "@pregonero/local-stack";
import type { Closer } from "@pregonero/runtime";

const prefix = "pregonero-demo-";
// Younger than this it may be that of a run that has not taken its lock yet.
const youngMs = 60_000;

/** What a run that was killed could not remove: 60 MB each time. */
async function removeLeftOvers(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    if (!name.startsWith(prefix)) continue;
    const dir = join(tmpdir(), name);
    const made = await stat(dir).catch(() => undefined);
    if (!made || Date.now() - made.mtimeMs < youngMs || (await stackOwner(dir)) !== undefined) continue;
    // Another user's is that user's to remove.
    await rm(dir, { recursive: true, force: true }).catch(() => undefined);
  }
}

/** A folder that goes when everything is closed. */
export async function openTemporaryDir(closer: Closer, keep: boolean): Promise<string> {
  if (keep) return mkdtemp(join(tmpdir(), "pregonero-kept-"));
  await removeLeftOvers();
  const dir = await mkdtemp(join(tmpdir(), prefix));
  closer.add("temporary folder", () => rm(dir, { recursive: true, force: true, maxRetries: 3 }));
  return dir;
}
