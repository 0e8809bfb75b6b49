import { randomUUID } from "node:crypto";
import { link, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
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

async function takeAway(file: string, stale: string): Promise<void> {
  const aside = `${file}.${randomUUID()}`;
  const moved = await rename(file, aside).then(
    () => true,
    () => false,
  );
  if (!moved) return;
  // Somebody else was quicker and what was moved is their new lock: it goes back.
  if ((await readFile(aside, "utf8")) !== stale) await link(aside, file).catch(() => undefined);
  await rm(aside, { force: true });
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
    while (
      !(await link(draft, file).then(
        () => true,
        () => false,
      ))
    ) {
      const text = await readFile(file, "utf8").catch(() => "");
      const owner = ownerFrom(text);
      if (await isHeld(owner)) {
        throw new SetupError(
          `${dir} is in use by process ${owner?.pid}. End that one first, or use another folder.`,
        );
      }
      await takeAway(file, text);
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
