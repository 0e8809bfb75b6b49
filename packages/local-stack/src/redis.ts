import { randomBytes } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { startChild } from "./child-process.ts";
import { findExecutable, isExecutable } from "./find-executable.ts";
import { onFreePort } from "./free-port.ts";
import { endOrphan } from "./orphan.ts";
import { endWithParent } from "./parent-death.ts";
import { SetupError } from "./setup-error.ts";
import { readStackEnv, type StackEnv } from "./env.ts";
import { findInstaller, missingProgramsAdvice } from "./system-advice.ts";

export interface RedisOptions {
  readonly dataDir: string;
  /** Default: a free one. */
  readonly port?: number;
  /** Keep the data over restarts in an append-only file. Default `false`. */
  readonly persistent?: boolean;
  /** Default: one made anew at each start. Clients outlive a restart only with the same one. */
  readonly password?: string;
  readonly log?: ((line: string) => void) | undefined;
  readonly env?: StackEnv;
}

export interface RedisServer {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  close(): Promise<void>;
}

const startTimeoutMs = 30_000;
const stopTimeoutMs = 10_000;

/** REDIS_SERVER_PATH, else `redis-server` on the PATH. @throws SetupError with the command that installs it. */
export async function findRedisServer(env: StackEnv = readStackEnv()): Promise<string> {
  if (env.redisServerPath !== undefined) {
    if (await isExecutable(env.redisServerPath)) return env.redisServerPath;
    throw new SetupError(
      `REDIS_SERVER_PATH names ${env.redisServerPath}, which is not a program that can be run.`,
    );
  }
  const found = await findExecutable(["redis-server"], env.path);
  if (found !== undefined) return found;
  throw new SetupError(missingProgramsAdvice(["redis-server"], await findInstaller(env)));
}

function config(port: number, dataDir: string, password: string, persistent: boolean): string {
  return [
    "bind 127.0.0.1",
    `port ${port}`,
    `dir "${dataDir}"`,
    `pidfile "${join(dataDir, "redis.pid")}"`,
    `requirepass ${password}`,
    "daemonize no",
    'save ""',
    `appendonly ${persistent ? "yes" : "no"}`,
    // BullMQ's condition: a queue whose keys may be thrown out is no queue.
    "maxmemory-policy noeviction",
    "",
  ].join("\n");
}

/**
 * Redis on 127.0.0.1 with a password of its own.
 * @throws SetupError when redis-server is missing or does not start.
 */
export async function startRedis(options: RedisOptions): Promise<RedisServer> {
  const program = await findRedisServer(options.env);
  const dataDir = resolve(options.dataDir);
  await mkdir(dataDir, { recursive: true });
  const pidFile = join(dataDir, "redis.pid");
  await endOrphan({ name: "Redis", pidFile, dataDir, signal: "SIGTERM", timeoutMs: stopTimeoutMs });
  const password = options.password ?? randomBytes(18).toString("hex");
  const start = async (port: number): Promise<RedisServer> => {
    // By stdin and not as arguments, which every user of the machine can read.
    const input = config(port, dataDir, password, options.persistent ?? false);
    const command = await endWithParent("SIGTERM", [program, "-"]);
    const child = await startChild({
      name: "redis-server",
      command,
      cwd: dataDir,
      input,
      onLine: options.log,
    });
    try {
      await child.line(/Ready to accept connections/i, startTimeoutMs);
    } catch (error) {
      await child.end("SIGTERM", stopTimeoutMs);
      throw error;
    }
    return {
      url: `redis://:${password}@127.0.0.1:${port}/0`,
      port,
      pid: child.pid,
      close: async () => {
        await child.end("SIGTERM", stopTimeoutMs);
      },
    };
  };
  return onFreePort(
    options.port,
    start,
    (error) => error instanceof Error && /Address already in use/.test(error.message),
  );
}
