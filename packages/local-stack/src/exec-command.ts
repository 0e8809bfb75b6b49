import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import type { ProcessExit } from "./child-process.ts";
import { childEnv } from "./env.ts";
import { openLocalStack } from "./local-stack.ts";
import { endWithParent, type Command } from "./parent-death.ts";
import { SetupError } from "./setup-error.ts";
import { stackOwner } from "./stack-lock.ts";

interface Addresses {
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly chromiumPath?: string;
  close(): Promise<void>;
}

/** The stack that already runs on the folder (a demo, say), else one that is opened for the time of the command. */
async function joinOrOpen(dir: string): Promise<Addresses> {
  const owner = await stackOwner(dir);
  if (owner?.databaseUrl !== undefined && owner.redisUrl !== undefined) {
    return { databaseUrl: owner.databaseUrl, redisUrl: owner.redisUrl, close: () => Promise.resolve() };
  }
  return openLocalStack({ dir });
}

async function openTemporary(): Promise<Addresses> {
  const dir = await mkdtemp(join(tmpdir(), "pregonero-"));
  const remove = (): Promise<void> => rm(dir, { recursive: true, force: true });
  try {
    const stack = await openLocalStack({ dir });
    const close = async (): Promise<void> => {
      await stack.close();
      await remove();
    };
    return { ...stack, close };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function runInForeground([file, ...args]: Command, env: NodeJS.ProcessEnv): Promise<ProcessExit> {
  const child = spawn(file, args, { stdio: "inherit", env });
  const passOn = (signal: NodeJS.Signals): void => {
    // A terminal sends Ctrl-C to the whole group, and so to the child as well.
    if (signal === "SIGTERM" || !process.stdin.isTTY) child.kill(signal);
  };
  process.on("SIGINT", passOn).on("SIGTERM", passOn);
  try {
    return await new Promise<ProcessExit>((resolve, reject) => {
      child.once("error", (error) => reject(new SetupError(`${file} cannot be run: ${error.message}`)));
      child.once("exit", (code, signal) => resolve({ code, signal }));
    });
  } finally {
    process.off("SIGINT", passOn).off("SIGTERM", passOn);
  }
}

/**
 * Runs a command with DATABASE_URL, REDIS_URL and PUPPETEER_EXECUTABLE_PATH set.
 * @param dir where the data is; undefined: a temporary folder
 * @returns the exit code, as a shell would give it
 */
export async function execInStack(dir: string | undefined, command: Command): Promise<number> {
  let told: NodeJS.Signals | undefined;
  const note = (signal: NodeJS.Signals): void => void (told = signal);
  process.on("SIGINT", note).on("SIGTERM", note);
  const stack = await (dir === undefined ? openTemporary() : joinOrOpen(dir));
  try {
    const chromium =
      stack.chromiumPath === undefined ? {} : { PUPPETEER_EXECUTABLE_PATH: stack.chromiumPath };
    const env = childEnv({ DATABASE_URL: stack.databaseUrl, REDIS_URL: stack.redisUrl, ...chromium });
    const before = told;
    const exit: ProcessExit =
      before === undefined
        ? await runInForeground(await endWithParent("SIGTERM", command), env)
        : { code: null, signal: before };
    return exit.signal === null ? (exit.code ?? 1) : 128 + constants.signals[exit.signal];
  } finally {
    await stack.close();
    process.off("SIGINT", note).off("SIGTERM", note);
  }
}
