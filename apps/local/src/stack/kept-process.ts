import {
  startProcess,
  type AppProcess,
  type AppProcessOptions,
  type ProcessExit,
} from "@pregonero/local-stack";

export interface KeptProcessOptions {
  readonly app: AppProcessOptions;
  /** How long it may take to end when it is asked to, ms. */
  readonly graceMs: number;
  /** Told when it has ended by itself and is started again. */
  readonly restarting: (text: string) => void;
  /** Called once, when starting it again is no use. */
  readonly hopeless: (error: Error) => void;
}

const mostRestarts = 5;
const withinMs = 60_000;

/** A process that is started again when it ends by itself, as a container would be; not for ever. */
export class KeptProcess {
  readonly #options: KeptProcessOptions;
  readonly #endedAtMs: number[] = [];
  #process: AppProcess;
  #closing = false;
  /** Settles when no restart is under way. */
  #restart: Promise<void> = Promise.resolve();

  private constructor(options: KeptProcessOptions, process: AppProcess) {
    this.#options = options;
    this.#process = process;
    this.#watch(process);
  }

  /** Resolves when it is ready. @throws SetupError with its last output when it does not get there */
  static async start(options: KeptProcessOptions): Promise<KeptProcess> {
    return new KeptProcess(options, await startProcess(options.app));
  }

  get name(): string {
    return this.#options.app.name;
  }

  /** The last 64 KB of what it printed. */
  output(): string {
    return this.#process.output();
  }

  async close(): Promise<void> {
    this.#closing = true;
    await this.#restart;
    await this.#process.close(this.#options.graceMs);
  }

  #watch(process: AppProcess): void {
    void process.exited.then((exit) => {
      if (!this.#closing) this.#restart = this.#startAgain(exit);
    });
  }

  async #startAgain(exit: ProcessExit): Promise<void> {
    const { app, restarting, hopeless } = this.#options;
    const how = exit.signal === null ? `ended with code ${exit.code}` : `was ended by ${exit.signal}`;
    const nowMs = performance.now();
    this.#endedAtMs.push(nowMs);
    if (this.#endedAtMs.filter((atMs) => atMs > nowMs - withinMs).length > mostRestarts) {
      hopeless(new Error(`${this.name} ${how}, again and again`));
      return;
    }
    restarting(`${this.name} ${how}; starting it again`);
    try {
      this.#process = await startProcess(app);
      this.#watch(this.#process);
    } catch (error) {
      hopeless(error instanceof Error ? error : new Error(String(error)));
    }
  }
}
