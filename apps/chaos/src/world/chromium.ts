import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

export interface ChromiumProcess {
  readonly pid: number;
  readonly deviceId: number;
  /** `browser`, or what Chromium calls it: `renderer`, `gpu-process`, `utility`, `zygote`. */
  readonly type: string;
}

/** Every Chromium process on a profile under `sessionsDir`. */
export async function chromiumProcesses(sessionsDir: string): Promise<ChromiumProcess[]> {
  const prefix = `--user-data-dir=${join(sessionsDir, "device-")}`;
  const found: ChromiumProcess[] = [];
  for (const name of await readdir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    // One that has ended meanwhile is none.
    const commandLine = await readFile(`/proc/${name}/cmdline`, "utf8").catch(() => "");
    const at = commandLine.indexOf(prefix);
    if (at < 0) continue;
    const deviceId = Number.parseInt(commandLine.slice(at + prefix.length), 10);
    const type = /--type=([\w-]+)/.exec(commandLine)?.[1] ?? "browser";
    found.push({ pid: Number(name), deviceId, type });
  }
  return found;
}

/** Memory of these processes, MB: proportional set size, so that what they share counts once. */
export async function memoryMbOf(pids: readonly number[]): Promise<number> {
  const rollups = await Promise.all(
    pids.map((pid) => readFile(`/proc/${pid}/smaps_rollup`, "utf8").catch(() => "")),
  );
  const kilobytes = rollups.map((text) => Number(/^Pss:\s+(\d+) kB/m.exec(text)?.[1] ?? 0));
  return Math.round(kilobytes.reduce((sum, kb) => sum + kb, 0) / 1024);
}
