import { findExecutable } from "./find-executable.ts";
import { readStackEnv } from "./env.ts";

export type Command = readonly [string, ...string[]];

/** `setpriv` (util-linux): sets what it is told to and turns into the program, under the same process id. */
export function findSetpriv(): Promise<string | undefined> {
  return process.platform === "linux"
    ? findExecutable(["setpriv"], readStackEnv().path)
    : Promise.resolve(undefined);
}

/**
 * The command, such that the kernel sends it `signal` when this process dies in whatever way, also by SIGKILL. Where
 * that cannot be had (macOS) the command as it was: what is left behind then is ended by the next start.
 */
export async function endWithParent(signal: NodeJS.Signals, command: Command): Promise<Command> {
  const setpriv = await findSetpriv();
  return setpriv === undefined ? command : [setpriv, "--pdeathsig", signal, ...command];
}
