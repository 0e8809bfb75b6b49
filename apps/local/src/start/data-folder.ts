import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { freePort } from "@pregonero/local-stack";
import { CommandFailed } from "../failure.ts";
import { isPortFree } from "./port.ts";

/** Where `start` keeps what outlives it. */
export interface DataFolder {
  readonly dir: string;
  readonly keyFile: string;
  readonly sandboxDataFile: string;
  readonly sandboxPortFile: string;
}

export async function openDataFolder(dir: string): Promise<DataFolder> {
  await mkdir(dir, { recursive: true });
  const at = (name: string) => join(dir, name);
  return {
    dir,
    keyFile: at("admin-key"),
    sandboxDataFile: at("sandbox.ndjson"),
    sandboxPortFile: at("sandbox-port"),
  };
}

/**
 * The sandbox's port, the same at every start: browsers keep sessions by origin, and on another port the devices would
 * have to be linked anew.
 * @throws CommandFailed when somebody else has taken it
 */
export async function sandboxPort({ sandboxPortFile }: DataFolder): Promise<number> {
  const kept = Number.parseInt(await readFile(sandboxPortFile, "utf8").catch(() => ""), 10);
  if (Number.isInteger(kept) && kept > 0) {
    if (await isPortFree(kept)) return kept;
    throw new CommandFailed(
      `Port ${kept}, which the sandbox has had so far, is taken by another program. End that one; or delete ${sandboxPortFile}, then the devices are linked anew on another port.`,
    );
  }
  const port = await freePort();
  await writeFile(sandboxPortFile, `${port}\n`);
  return port;
}
