import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

/** A process of the bench that takes orders and answers each with one message. */
export class HelperProcess {
  readonly #child: ChildProcess;
  readonly #died: Promise<never>;

  constructor(file: string, args: readonly string[] = []) {
    this.#child = fork(join(import.meta.dirname, file), args, { execArgv: process.execArgv });
    this.#died = once(this.#child, "exit").then(() =>
      Promise.reject(new Error("a process of the bench died")),
    );
    this.#died.catch(() => undefined);
  }

  async answer<T>(): Promise<T> {
    const [message] = (await Promise.race([once(this.#child, "message"), this.#died])) as [T];
    return message;
  }

  async ask<T>(order: object): Promise<T> {
    this.#child.send(order);
    return await this.answer<T>();
  }

  async close(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const exit = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await exit;
  }
}
