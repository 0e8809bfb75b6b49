import { isAbsolute, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { sleep } from "@pregonero/runtime";
import { describeExit, startChild, type Child, type ProcessExit } from "./child-process.ts";
import { childEnv } from "./env.ts";
import { endWithParent, type Command } from "./parent-death.ts";
import { SetupError } from "./setup-error.ts";

export interface AppProcessOptions {
  /** Told in messages: "worker-1". */
  readonly name: string;
  /** An app's folder, absolute or from the top of the project: "apps/worker". */
  readonly entry: string;
  /** `source` runs `src/main.ts`, `dist` the build. Default `source`. */
  readonly mode?: "source" | "dist";
  readonly args?: readonly string[];
  /** On top of this process's environment; undefined takes a variable away. */
  readonly env: NodeJS.ProcessEnv;
  /** Default: the top of the project. */
  readonly cwd?: string;
  /** Ready when the URL answers 2xx, or a line of its output matches. */
  readonly ready: { readonly url: string } | { readonly line: RegExp };
  /** Default 30,000. */
  readonly timeoutMs?: number;
  readonly log?: (line: string) => void;
}

export interface AppProcess {
  readonly name: string;
  /** Of the Node process itself: a signal sent to it reaches the app and nothing in between. */
  readonly pid: number;
  readonly exited: Promise<ProcessExit>;
  kill(signal: NodeJS.Signals): void;
  /** The last 64 KB of stdout and stderr. */
  output(): string;
  /** SIGTERM, then SIGKILL after `graceMs` (default 15,000). */
  close(graceMs?: number): Promise<ProcessExit>;
}

/** Where the workspace is; `src/` and `dist/` of this package are equally deep in it. */
export const projectRoot = fileURLToPath(new URL("../../../", import.meta.url));

const pollMs = 25;
const pollTimeoutMs = 2_000;

function nodeCommand(folder: string, mode: "source" | "dist", args: readonly string[]): Command {
  // Resolved from here and not from the working folder, which may be anywhere.
  const source = [
    "--conditions=source",
    "--import",
    import.meta.resolve("tsx"),
    join(folder, "src", "main.ts"),
  ];
  const dist = ["--enable-source-maps", join(folder, "dist", "main.js")];
  return [process.execPath, ...(mode === "source" ? source : dist), ...args];
}

async function answers(url: string): Promise<boolean> {
  return fetch(url, { signal: AbortSignal.timeout(pollTimeoutMs) }).then(
    async (response) => {
      await response.body?.cancel();
      return response.ok;
    },
    () => false,
  );
}

async function untilAnswers(child: Child, url: string, timeoutMs: number): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  let ended: ProcessExit | undefined;
  void child.exited.then((exit) => (ended = exit));
  while (!(await answers(url))) {
    if (ended !== undefined)
      throw new SetupError(`${child.name} ${describeExit(ended)} while starting:\n${child.output()}`);
    if (performance.now() > deadline) {
      throw new SetupError(
        `${child.name} did not answer at ${url} within ${timeoutMs} ms:\n${child.output()}`,
      );
    }
    await sleep(pollMs);
  }
}

/**
 * Runs an app in a process of its own and resolves when it is ready.
 * @throws SetupError with its last output when it ends first or takes too long; nothing is left running then.
 */
export async function startProcess(options: AppProcessOptions): Promise<AppProcess> {
  const { name, ready, timeoutMs = 30_000 } = options;
  const folder = isAbsolute(options.entry) ? options.entry : resolve(projectRoot, options.entry);
  const command = await endWithParent(
    "SIGKILL",
    nodeCommand(folder, options.mode ?? "source", options.args ?? []),
  );
  const env = childEnv(options.env);
  const child = await startChild({
    name,
    command,
    env,
    cwd: options.cwd ?? projectRoot,
    onLine: options.log,
  });
  try {
    if ("url" in ready) await untilAnswers(child, ready.url, timeoutMs);
    else await child.line(ready.line, timeoutMs);
  } catch (error) {
    await child.end("SIGKILL", 0);
    throw error;
  }
  return {
    name,
    pid: child.pid,
    exited: child.exited,
    kill: (signal) => child.kill(signal),
    output: () => child.output(),
    close: (graceMs = 15_000) => child.end("SIGTERM", graceMs),
  };
}
