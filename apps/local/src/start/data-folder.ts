import { randomBytes } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { freePort } from "@pregonero/local-stack";
import { CommandFailed } from "../failure.ts";
import { isPortFree } from "./port.ts";

/** Where `start` keeps what outlives it. */
export interface DataFolder {
  readonly dir: string;
  readonly keyFile: string;
  readonly credentialsKeyFile: string;
  readonly sandboxDataFile: string;
  readonly sandboxPortFile: string;
}

export async function openDataFolder(dir: string): Promise<DataFolder> {
  await mkdir(dir, { recursive: true });
  const at = (name: string) => join(dir, name);
  return {
    dir,
    keyFile: at("admin-key"),
    credentialsKeyFile: at("credentials-key"),
    sandboxDataFile: at("sandbox.ndjson"),
    sandboxPortFile: at("sandbox-port"),
  };
}

/** What seals the credentials of devices, the same at every start: 32 bytes in base64. */
export async function credentialsKey({ credentialsKeyFile }: DataFolder): Promise<string> {
  const kept = (await readFile(credentialsKeyFile, "utf8").catch(() => "")).trim();
  if (kept !== "") return kept;
  const key = randomBytes(32).toString("base64");
  await writeFile(credentialsKeyFile, `${key}\n`, { mode: 0o600 });
  return key;
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
