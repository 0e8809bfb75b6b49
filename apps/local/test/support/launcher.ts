import { spawn, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import { projectRoot } from "@pregonero/local-stack";
import { inject } from "vitest";

/** The launcher as a user runs it, in a process of its own. */
export class Launcher implements AsyncDisposable {
  readonly exited: Promise<number | null>;
  readonly #child: ChildProcess;
  #output = "";
  #wake: () => void = () => undefined;
  #ended = false;

  constructor(args: readonly string[], env: NodeJS.ProcessEnv) {
    const main = join(projectRoot, "apps/local/src/main.ts");
    this.#child = spawn(process.execPath, ["--conditions=source", "--import", "tsx", main, ...args], {
      cwd: projectRoot,
      env: {
        ...process.env,
        // What the tests themselves use must not be found, or be mistaken for the user's.
        DATABASE_URL: undefined,
        REDIS_URL: undefined,
        PUPPETEER_WHATSAPP_URL: undefined,
        PUPPETEER_EXECUTABLE_PATH: inject("chromiumPath"),
        ...env,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => {
        this.#output += text;
        this.#wake();
      });
    }
    this.exited = new Promise((resolve) => {
      this.#child.once("close", (code) => {
        this.#ended = true;
        this.#wake();
        resolve(code);
      });
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get output(): string {
    return this.#output;
  }

  /** Resolves with the match once the output so far has one. Rejects when the process ends without. */
  async told(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.#output);
      if (match) return match;
      if (this.#ended) throw new Error(`ended without telling ${pattern}:\n${this.#output}`);
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  /** As Ctrl-C does. Resolves with the exit code. */
  async interrupt(): Promise<number | null> {
    this.#child.kill("SIGINT");
    return await this.exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#ended) await this.interrupt();
  }
}
