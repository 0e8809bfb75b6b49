import { readdir, readFile, readlink } from "node:fs/promises";

/**
 * Processes that have anything to do with a folder: named in their command line or environment, or as their working
 * folder. Postgres, Redis, Chromium and every Node process of a stack do.
 */
export async function processesOf(dir: string): Promise<string[]> {
  const found: string[] = [];
  for (const pid of await readdir("/proc")) {
    if (!/^\d+$/.test(pid)) continue;
    const read = (name: string) => readFile(`/proc/${pid}/${name}`, "utf8").catch(() => "");
    const command = await read("cmdline");
    const cwd = await readlink(`/proc/${pid}/cwd`).catch(() => "");
    if (`${command}\n${await read("environ")}\n${cwd}`.includes(dir))
      found.push(`${pid} ${command.replaceAll("\0", " ").slice(0, 200)}`);
  }
  return found;
}
