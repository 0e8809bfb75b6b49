import type { Logger } from "./logger.ts";
import { OperatorError } from "./operator-error.ts";
import { redactText } from "./log-redaction.ts";

export interface RunningApp {
  close(): Promise<void>;
  /** Takes what the process itself has to say; stderr otherwise. */
  readonly logger?: Logger;
}

const signals = ["SIGTERM", "SIGINT"] as const;

// One Ctrl-C under `npm run` comes twice: from the terminal, and passed on by npm.
const sameSignalMs = 500;

function readable(error: unknown): string {
  if (error instanceof OperatorError) return error.message;
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const cause =
    error instanceof Error && error.cause !== undefined ? `\ncaused by ${readable(error.cause)}` : "";
  return redactText(`${text}${cause}`);
}

/**
 * Runs the process of an app: starts it, closes it once on SIGTERM or SIGINT (one more, later, ends the process at once
 * with code 1), and ends with code 1 after a failed start, an uncaught exception or an unhandled rejection.
 * `start` gets a signal that is aborted when the process is told to end before the start is over.
 */
export function runMain(name: string, start: (signal: AbortSignal) => Promise<RunningApp>): void {
  const abort = new AbortController();
  let app: RunningApp | undefined;
  let endingSinceMs: number | undefined;

  const complain = (msg: string, error: unknown): void => {
    process.stderr.write(`${name}: ${msg}: ${readable(error)}\n`);
  };
  const say = (msg: string, error: unknown): void => {
    if (app?.logger) app.logger.error(msg, { error });
    else complain(msg, error);
  };

  let started: Promise<RunningApp | undefined> = Promise.resolve(undefined);

  const end = async (exitCode: 0 | 1): Promise<void> => {
    endingSinceMs = performance.now();
    abort.abort();
    let code = exitCode;
    try {
      await (await started)?.close();
    } catch (error) {
      // The logger may be closed by now.
      complain("close failed", error);
      code = 1;
    }
    process.exit(code);
  };

  const told = (): void => {
    if (endingSinceMs === undefined) void end(0);
    else if (performance.now() - endingSinceMs > sameSignalMs) process.exit(1);
  };

  const fatal = (what: string) => (error: unknown) => {
    say(what, error);
    // While closing, a second failure must not cut the closing short: the close is bounded by itself.
    if (endingSinceMs === undefined) void end(1);
  };

  for (const signal of signals) process.on(signal, told);
  process.on("uncaughtException", fatal("uncaught exception"));
  process.on("unhandledRejection", fatal("unhandled rejection"));

  // Last: a signal may come while the first synchronous steps of the start are still under way.
  started = (async () => start(abort.signal))().then(
    (running) => {
      app = running;
      return running;
    },
    (error: unknown) => {
      // Told to end while starting: that the start then gave up is no failure.
      if (endingSinceMs !== undefined) return undefined;
      say("could not start", error);
      process.exit(1);
    },
  );
}
