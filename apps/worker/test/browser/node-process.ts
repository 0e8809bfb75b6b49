import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";

export interface NodeProcess extends AsyncDisposable {
  readonly child: ChildProcessByStdio<Writable, Readable, null>;
}

/** Runs a TypeScript file beside the caller's (`import.meta.url`) in a process of its own, ended with the block. */
export function nodeProcess(file: string, beside: string, args: readonly string[]): NodeProcess {
  const entry = fileURLToPath(new URL(file, beside));
  const child = spawn(process.execPath, ["--conditions=source", "--import", "tsx", entry, ...args], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  return {
    child,
    [Symbol.asyncDispose]: async () => {
      // A process that was stopped (SIGSTOP) takes this signal all the same.
      child.kill("SIGKILL");
      await exited;
    },
  };
}
