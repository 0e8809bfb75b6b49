import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { freePort } from "@pregonero/local-stack";

/** Of the machine, on the PATH as for everything else here. */
const program = "redis-server";

/** A Redis that a test may kill and start again at the same address. Holds nothing on disk. */
export class OwnRedis {
  readonly port: number;
  readonly url: string;
  #process: ChildProcess | undefined;

  private constructor(port: number) {
    this.port = port;
    this.url = `redis://127.0.0.1:${port}/0`;
  }

  static async start(): Promise<OwnRedis> {
    const redis = new OwnRedis(await freePort());
    await redis.start();
    return redis;
  }

  async start(): Promise<void> {
    const args = ["--port", String(this.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "inherit"] });
    this.#process = child;
    for await (const chunk of child.stdout) if (String(chunk).includes("Ready to accept")) break;
  }

  async kill(): Promise<void> {
    const child = this.#process;
    if (!child || child.exitCode !== null) return;
    const exit = once(child, "exit");
    child.kill("SIGKILL");
    await exit;
    this.#process = undefined;
  }
}
