import type { LocalEnv } from "./env.ts";
import type { Terminal } from "./terminal/terminal.ts";

/** What every command gets. */
export interface CommandContext {
  readonly env: LocalEnv;
  readonly terminal: Terminal;
  /** Aborted by Ctrl-C, SIGTERM or SIGHUP: end what was started, and return. */
  readonly signal: AbortSignal;
}

/** Resolves with the exit code when everything that the command started has ended. */
export type Command = (context: CommandContext, args: readonly string[]) => Promise<number>;
