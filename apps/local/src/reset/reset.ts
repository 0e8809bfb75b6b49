import { readdir, rm, rmdir } from "node:fs/promises";
import { join } from "node:path";
import { lockStack, stackOwner } from "@pregonero/local-stack";
import { CommandFailed } from "../failure.ts";
import type { Command } from "../command.ts";

/** What `start` makes there. Nothing else is removed: the folder is the user's to name, and may hold more. */
const ours = [
  "postgres",
  "redis",
  "sessions",
  "uploads",
  "logs",
  "sandbox.ndjson",
  "sandbox-port",
  "admin-key",
  "credentials-key",
];

/** Also `postgres.new-…` and the like, which an interrupted start leaves. */
const isOurs = (name: string): boolean => ours.some((own) => name === own || name.startsWith(`${own}.`));

/** Forgets everything that `start` has kept. Refuses while it runs. */
export const reset: Command = async ({ env, terminal }) => {
  const { dataDir } = env;
  const found = await readdir(dataDir).catch(() => undefined);
  if (found === undefined) {
    terminal.say(`There is nothing to forget: ${dataDir} does not exist.`);
    return 0;
  }
  const owner = await stackOwner(dataDir);
  if (owner)
    throw new CommandFailed(`It is running (process ${owner.pid}). Stop it first, with Ctrl-C there.`);
  const lock = await lockStack(dataDir);
  try {
    for (const name of found.filter(isOurs)) {
      await rm(join(dataDir, name), { recursive: true, force: true, maxRetries: 3 });
    }
  } finally {
    await lock.release();
  }
  // Only when nothing of somebody else's is in it.
  await rmdir(dataDir).catch(() => undefined);
  terminal.say(`${dataDir} is empty: the next start begins anew.`);
  if (env.stack.databaseUrl !== undefined) terminal.say("The database of DATABASE_URL was left as it is.");
  return 0;
};
