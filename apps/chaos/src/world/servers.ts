import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { startPostgres, startRedis, type PostgresServer, type RedisServer } from "@pregonero/local-stack";

/** A server that can be killed and comes back with the same data at the same address. */
class Restartable<S extends { readonly pid: number; readonly url: string; close(): Promise<void> }> {
  readonly #start: (port?: number) => Promise<S & { readonly port: number }>;
  #server: S & { readonly port: number };

  private constructor(
    start: (port?: number) => Promise<S & { readonly port: number }>,
    server: S & { readonly port: number },
  ) {
    this.#start = start;
    this.#server = server;
  }

  static async start<S extends { readonly pid: number; readonly url: string; close(): Promise<void> }>(
    start: (port?: number) => Promise<S & { readonly port: number }>,
  ): Promise<Restartable<S>> {
    return new Restartable(start, await start());
  }

  get url(): string {
    return this.#server.url;
  }

  get port(): number {
    return this.#server.port;
  }

  kill(signal: "SIGKILL" | "SIGSTOP" | "SIGCONT"): void {
    process.kill(this.#server.pid, signal);
  }

  /** After a kill. */
  async startAgain(): Promise<void> {
    this.#server = await this.#start(this.#server.port);
  }

  close(): Promise<void> {
    return this.#server.close();
  }
}

export interface Servers {
  readonly postgres: Restartable<PostgresServer>;
  readonly redis: Restartable<RedisServer>;
}

/** Real servers on loopback, with their data in `dir`. */
export async function startServers(dir: string): Promise<Servers & { close(): Promise<void> }> {
  const password = randomBytes(18).toString("hex");
  const postgres = await Restartable.start<PostgresServer>((port) =>
    // Not durable by its own settings: a kill of the process must lose nothing that the product has committed.
    startPostgres({
      dataDir: join(dir, "postgres"),
      durable: false,
      ...(port === undefined ? {} : { port }),
    }),
  );
  try {
    const redis = await Restartable.start<RedisServer>((port) =>
      startRedis({ dataDir: join(dir, "redis"), password, ...(port === undefined ? {} : { port }) }),
    );
    const close = async (): Promise<void> => {
      await redis.close();
      await postgres.close();
    };
    return { postgres, redis, close };
  } catch (error) {
    await postgres.close();
    throw error;
  }
}
