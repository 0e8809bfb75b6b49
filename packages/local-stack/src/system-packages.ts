import { runToEnd } from "./child-process.ts";
import { findChromium } from "./chromium.ts";
import { findExecutable } from "./find-executable.ts";
import type { Command } from "./parent-death.ts";
import { findRedisServer } from "./redis.ts";
import { SetupError } from "./setup-error.ts";
import { readStackEnv, type StackEnv } from "./env.ts";
import { findInstaller, missingProgramsAdvice, type SystemProgram } from "./system-advice.ts";

export interface SystemPackagesOptions {
  readonly env?: StackEnv;
  /** Told what is going on, in a line, before something that takes long. */
  readonly log?: (line: string) => void;
}

export interface SystemPrograms {
  /** Undefined when a Redis that runs elsewhere is configured. */
  readonly redisServer: string | undefined;
  readonly chromium: string;
}

async function isMissing(find: Promise<string>): Promise<boolean> {
  return find.then(
    () => false,
    (error: unknown) => {
      if (error instanceof SetupError) return true;
      throw error;
    },
  );
}

async function missingPrograms(env: StackEnv): Promise<SystemProgram[]> {
  const missing: SystemProgram[] = [];
  // A path that was set by hand and is wrong is not mended by installing something: that error is let through.
  if (env.redisUrl === undefined) {
    if (env.redisServerPath !== undefined) await findRedisServer(env);
    else if (await isMissing(findRedisServer(env))) missing.push("redis-server");
  }
  if (env.chromiumPath !== undefined) await findChromium(env);
  else if (await isMissing(findChromium(env))) missing.push("chromium");
  return missing;
}

/** `[]` as root, `sudo -n` where that needs no password, undefined when neither is to be had. */
async function asRoot(env: StackEnv): Promise<readonly string[] | undefined> {
  if (process.getuid?.() === 0) return [];
  const sudo = await findExecutable(["sudo"], env.path);
  if (sudo === undefined) return undefined;
  return runToEnd({ name: "sudo", command: [sudo, "-n", "true"] }).then(
    () => [sudo, "-n"],
    () => undefined,
  );
}

async function twice(action: () => Promise<unknown>): Promise<void> {
  try {
    await action();
  } catch {
    // Mirrors stall now and then; a second failure is told.
    await action();
  }
}

async function install(
  missing: readonly SystemProgram[],
  apt: string,
  prefix: readonly string[],
): Promise<void> {
  const environment = ["env", "DEBIAN_FRONTEND=noninteractive"];
  const aptGet = async (...args: string[]): Promise<void> => {
    const [first = "env", ...rest] = [...prefix, ...environment, apt, ...args];
    const command: Command = [first, ...rest];
    await runToEnd({ name: `apt-get ${args.join(" ")}`, command });
  };
  await twice(() => aptGet("update", "-q"));
  await twice(() => aptGet("install", "-y", "-q", "--no-install-recommends", ...missing));
}

async function installMissing(
  missing: readonly SystemProgram[],
  env: StackEnv,
  log: ((line: string) => void) | undefined,
): Promise<void> {
  const installer = await findInstaller(env);
  const advice = missingProgramsAdvice(missing, installer);
  const apt = installer === "apt" ? await findExecutable(["apt-get"], env.path) : undefined;
  const prefix = apt === undefined ? undefined : await asRoot(env);
  if (apt === undefined || prefix === undefined) throw new SetupError(advice);
  log?.(`Installing ${missing.join(" and ")} with apt-get; this takes a minute or so …`);
  try {
    await install(missing, apt, prefix);
  } catch (error) {
    throw new SetupError(
      `${advice}\n\nIt was tried here and failed:\n${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

/**
 * Sees to it that Redis (unless a server is configured) and Chromium are on this machine: installs Debian's packages
 * when that is possible without asking anybody.
 * @throws SetupError with the one command to run, and the settings that make it unnecessary, when it is not.
 */
export async function ensureSystemPackages(options: SystemPackagesOptions = {}): Promise<SystemPrograms> {
  const env = options.env ?? readStackEnv();
  const missing = await missingPrograms(env);
  if (missing.length > 0) await installMissing(missing, env, options.log);
  return {
    redisServer: env.redisUrl === undefined ? await findRedisServer(env) : undefined,
    chromium: await findChromium(env),
  };
}
