import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { SetupError } from "./setup-error.ts";

export interface ProcessExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface ChildOptions {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
  readonly cwd?: string;
  /** The whole environment. Default: this process's. */
  readonly env?: NodeJS.ProcessEnv;
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
  /** Written to stdin, which is then closed. */
  readonly input?: string;
  readonly onLine?: ((line: string) => void) | undefined;
}

export interface Child {
  readonly name: string;
  readonly pid: number;
  readonly exited: Promise<ProcessExit>;
  kill(signal: NodeJS.Signals): void;
  /** The last 64 KB of stdout and stderr. */
  output(): string;
  /** Resolves with the first line, past or future, that matches. Rejects when the process ends first or time is up. */
  line(pattern: RegExp, timeoutMs: number): Promise<string>;
  /** Asks with `signal`, then after `graceMs` insists with SIGKILL; resolves when the process is gone. */
  end(signal: NodeJS.Signals, graceMs: number): Promise<ProcessExit>;
}

const keptOutput = 64 * 1024;

const lastWordsMs = 500;

class Output {
  #text = "";
  readonly #listeners = new Set<(line: string) => void>();

  read(stream: Readable | null, onLine: ((line: string) => void) | undefined): void {
    if (stream === null) return;
    createInterface({ input: stream }).on("line", (line) => {
      this.#text = `${this.#text}${line}\n`.slice(-keptOutput);
      onLine?.(line);
      for (const listener of this.#listeners) listener(line);
    });
  }

  text(): string {
    return this.#text;
  }

  listen(listener: (line: string) => void): () => void {
    for (const line of this.#text.split("\n")) listener(line);
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

export function describeExit({ code, signal }: ProcessExit): string {
  return signal === null ? `ended with code ${code}` : `was ended by ${signal}`;
}

async function firstLine(child: Child, output: Output, pattern: RegExp, timeoutMs: number): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  let stopListening: (() => void) | undefined;
  const found = new Promise<string>((resolve) => {
    stopListening = output.listen((line) => {
      if (pattern.test(line)) resolve(line);
    });
  });
  const ended = child.exited.then((exit): never => {
    throw new SetupError(`${child.name} ${describeExit(exit)} while starting:\n${child.output()}`);
  });
  const late = new Promise<never>((_, reject) => {
    const message = `${child.name} was not ready within ${timeoutMs} ms:`;
    timer = setTimeout(() => reject(new SetupError(`${message}\n${child.output()}`)), timeoutMs);
  });
  try {
    return await Promise.race([found, ended, late]);
  } finally {
    clearTimeout(timer);
    stopListening?.();
  }
}

async function endChild(child: Child, signal: NodeJS.Signals, graceMs: number): Promise<ProcessExit> {
  child.kill(signal);
  const timer = setTimeout(() => child.kill("SIGKILL"), graceMs);
  try {
    return await child.exited;
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Starts a program in a process group of its own: a Ctrl-C in the terminal must reach this process alone, which then
 * ends its children in the right order.
 * @throws SetupError when the program cannot be run.
 */
export async function startChild(options: ChildOptions): Promise<Child> {
  const [file, ...args] = options.command;
  const spawned = spawn(file, args, {
    cwd: options.cwd,
    env: options.env,
    detached: true,
    stdio: [options.input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
    ...(options.uid === undefined ? {} : { uid: options.uid }),
    ...(options.gid === undefined ? {} : { gid: options.gid }),
  });
  const output = new Output();
  output.read(spawned.stdout, options.onLine);
  output.read(spawned.stderr, options.onLine);
  const exited = new Promise<ProcessExit>((resolve) => {
    spawned.once("close", (code, signal) => resolve({ code, signal }));
    // "close" comes when its output has been read to the end, which may be long after its exit or never: a process
    // of its own that it has left behind keeps the output open.
    spawned.once("exit", (code, signal) => setTimeout(() => resolve({ code, signal }), lastWordsMs).unref());
  });
  await new Promise<void>((resolve, reject) => {
    spawned.once("spawn", resolve);
    spawned.once("error", (error) =>
      reject(new SetupError(`${options.name} (${file}) cannot be run: ${error.message}`)),
    );
  });
  // A program that ends without reading its input is reported by its exit, not by the broken pipe.
  spawned.stdin?.on("error", () => undefined);
  spawned.stdin?.end(options.input);
  const child: Child = {
    name: options.name,
    pid: spawned.pid ?? 0,
    exited,
    kill: (signal) => void spawned.kill(signal),
    output: () => output.text(),
    line: (pattern, timeoutMs) => firstLine(child, output, pattern, timeoutMs),
    end: (signal, graceMs) => endChild(child, signal, graceMs),
  };
  return child;
}

/** Runs a program to its end. @throws SetupError with its output unless it ends with code 0. */
export async function runToEnd(options: ChildOptions): Promise<string> {
  const child = await startChild(options);
  const exit = await child.exited;
  if (exit.code !== 0) throw new SetupError(`${options.name} ${describeExit(exit)}:\n${child.output()}`);
  return child.output();
}
