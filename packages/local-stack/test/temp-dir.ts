import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** A folder that is removed when the test is over, after what was registered later has been closed. */
export async function tempDir(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "pregonero-stack-"));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

/** Closes it when the test is over; closing it earlier as well does no harm. */
export function closing<T extends { close(): Promise<unknown> }>(thing: T): T {
  onTestFinished(async () => {
    await thing.close();
  });
  return thing;
}

export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
