import { randomUUID } from "node:crypto";
import { link, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { sleep } from "@pregonero/runtime";
import { isAlive } from "./orphan.ts";
import { SetupError } from "./setup-error.ts";

/** Who has a folder, and the addresses of what runs on it once it does. */
export interface StackOwner {
  readonly pid: number;
  /** When the process began, as the kernel counts it: a recycled process id has another. */
  readonly began: string | null;
  readonly databaseUrl?: string;
  readonly redisUrl?: string;
}

export interface StackLock {
  /** Lets other processes of this machine find what runs here. */
  publish(addresses: { readonly databaseUrl: string; readonly redisUrl: string }): Promise<void>;
  release(): Promise<void>;
}

const lockName = "stack.lock";

async function beginOf(pid: number): Promise<string | null> {
  const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  // The name, in parentheses, may hold spaces; what follows it does not. Field 22 of all is the 20th after it.
  return text.slice(text.lastIndexOf(")") + 2).split(" ")[19] ?? null;
}

function ownerFrom(text: string): StackOwner | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null || !("pid" in value) || typeof value.pid !== "number")
      return undefined;
    const field = (name: string): string | undefined => {
      const found: unknown = Reflect.get(value, name);
      return typeof found === "string" ? found : undefined;
    };
    const [databaseUrl, redisUrl] = [field("databaseUrl"), field("redisUrl")];
    const urls = { ...(databaseUrl ? { databaseUrl } : {}), ...(redisUrl ? { redisUrl } : {}) };
    return { pid: value.pid, began: field("began") ?? null, ...urls };
  } catch {
    return undefined;
  }
}

async function isHeld(owner: StackOwner | undefined): Promise<boolean> {
  return owner !== undefined && isAlive(owner.pid) && (await beginOf(owner.pid)) === owner.began;
}

/** Who has the folder now, or undefined when nobody alive does. */
export async function stackOwner(dir: string): Promise<StackOwner | undefined> {
  const owner = ownerFrom(await readFile(join(dir, lockName), "utf8").catch(() => ""));
  return (await isHeld(owner)) ? owner : undefined;
}

async function tryLink(existing: string, path: string): Promise<boolean> {
  return link(existing, path).then(
    () => true,
    () => false,
  );
}

/** Removes the lock of an owner that is gone; one process at a time, or it would remove that of whoever was quicker. */
async function removeStale(file: string, draft: string): Promise<void> {
  const removing = `${file}.removing`;
  if (!(await tryLink(draft, removing))) {
    // Another is at it, or was ended in the middle of it.
    const other = ownerFrom(await readFile(removing, "utf8").catch(() => ""));
    if (other !== undefined && !(await isHeld(other))) await rm(removing, { force: true });
    await sleep(5);
    return;
  }
  try {
    if (!(await isHeld(ownerFrom(await readFile(file, "utf8").catch(() => "")))))
      await rm(file, { force: true });
  } finally {
    await rm(removing, { force: true });
  }
}

/**
 * Takes the folder for this process; that of a process that is gone is taken over.
 * @throws SetupError when another one that is alive has it.
 */
export async function lockStack(dir: string): Promise<StackLock> {
  await mkdir(dir, { recursive: true });
  const file = join(dir, lockName);
  const draft = `${file}.${randomUUID()}`;
  const me: StackOwner = { pid: process.pid, began: await beginOf(process.pid) };
  await writeFile(draft, JSON.stringify(me), { mode: 0o600 });
  try {
    // A hard link either makes the whole file appear or fails: there is never a half-written lock to be read.
    while (!(await tryLink(draft, file))) {
      const owner = ownerFrom(await readFile(file, "utf8").catch(() => ""));
      if (owner !== undefined && (await isHeld(owner))) {
        throw new SetupError(
          `${dir} is in use by process ${owner.pid}. End that one first, or use another folder.`,
        );
      }
      await removeStale(file, draft);
    }
  } finally {
    await rm(draft, { force: true });
  }
  return {
    publish: async (addresses) => {
      await writeFile(draft, JSON.stringify({ ...me, ...addresses }), { mode: 0o600 });
      await rename(draft, file);
    },
    release: () => rm(file, { force: true }),
  };
}
