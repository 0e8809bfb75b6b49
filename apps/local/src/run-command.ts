import { demo } from "./demo/demo.ts";
import type { Command } from "./command.ts";
import { readEnv, wantsColour } from "./env.ts";
import { CommandFailed, describeFailure } from "./failure.ts";
import { reset } from "./reset/reset.ts";
import { screenshots } from "./screenshots/screenshots.ts";
import { start } from "./start/start.ts";
import { Terminal } from "./terminal/terminal.ts";

const commands: ReadonlyMap<string, Command> = new Map(Object.entries({ demo, start, reset, screenshots }));

// SIGHUP: the window was closed.
const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
const interrupted = 130;
// One Ctrl-C under `npm run` comes twice: from the terminal, and passed on by npm.
const sameSignalMs = 1_000;

/** @returns the exit code of the process */
export async function runCommand([name = "", ...args]: readonly string[]): Promise<number> {
  const terminal = new Terminal({ stream: process.stdout, colour: wantsColour() });
  const abort = new AbortController();
  const forget = listen(abort, terminal);
  try {
    const command = commands.get(name);
    if (!command) throw new CommandFailed(`Usage: ${[...commands.keys()].join(" | ")}`);
    return await command({ env: readEnv(), terminal, signal: abort.signal }, args);
  } catch (error) {
    if (abort.signal.aborted) return interrupted;
    terminal.endLive();
    terminal.say();
    for (const line of describeFailure(error)) terminal.say(line);
    return 1;
  } finally {
    forget();
  }
}

function listen(abort: AbortController, terminal: Terminal): () => void {
  let sinceMs: number | undefined;
  const told = (): void => {
    if (sinceMs === undefined) {
      sinceMs = performance.now();
      terminal.endLive();
      terminal.say("Stopping …");
      abort.abort();
    } else if (performance.now() - sinceMs > sameSignalMs) {
      // The kernel ends the children with this process.
      process.exit(interrupted);
    }
  };
  for (const signal of signals) process.on(signal, told);
  return () => {
    for (const signal of signals) process.off(signal, told);
  };
}
