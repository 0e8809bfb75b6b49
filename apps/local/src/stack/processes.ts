import type { AppProcessOptions } from "@pregonero/local-stack";
import type { Closer } from "@pregonero/runtime";
import type { Terminal } from "../terminal/terminal.ts";
import { KeptProcess } from "./kept-process.ts";

export interface Kept {
  readonly apps: readonly AppProcessOptions[];
  /** How long one may take to end when it is asked to, ms. */
  readonly graceMs: number;
}

// Of the lines of a process, those that help whoever reads a failure.
const shownLines = 6;
const untelling = /"level":"(?:info|debug)"|^sandbox ready|^websites on/;
const marginMs = 10_000;

/** The processes of a stack: starts them, keeps them running, tells their last words when something fails. */
export class Processes {
  /** Rejects when one cannot be kept running; never resolves. */
  readonly failed: Promise<never>;
  readonly #terminal: Terminal;
  readonly #closer: Closer;
  readonly #kept: KeptProcess[] = [];
  #fail: (error: Error) => void = () => undefined;

  constructor(terminal: Terminal, closer: Closer) {
    this.#terminal = terminal;
    this.#closer = closer;
    this.failed = new Promise((_, reject) => (this.#fail = reject));
    // It may fail before anybody waits for it.
    this.failed.catch(() => undefined);
  }

  /** Starts several at once; they end together. @throws SetupError when one does not start; none is left then */
  async keep({ apps, graceMs }: Kept): Promise<void> {
    const started: KeptProcess[] = [];
    const names = apps.map((app) => app.name).join(", ");
    const close = () => Promise.all(started.map((process) => process.close()));
    this.#closer.add(names, close, { timeoutMs: graceMs + marginMs });
    const starts = apps.map(async (app) => {
      const process = await KeptProcess.start({
        app,
        graceMs,
        restarting: (text) => this.#terminal.say(`${this.#terminal.paint("red", "!")} ${text}`),
        hopeless: this.#fail,
      });
      started.push(process);
      this.#kept.push(process);
    });
    const failure = (await Promise.allSettled(starts)).find((result) => result.status === "rejected");
    if (failure) throw failure.reason;
  }

  /** What each of them said last that was more than information. */
  lastWords(): string[] {
    return this.#kept.flatMap((process) => {
      const lines = process.output().split("\n");
      const telling = lines.filter((line) => line !== "" && !untelling.test(line));
      return telling.slice(-shownLines).map((line) => `${process.name}: ${line}`);
    });
  }
}
