import { join, resolve } from "node:path";
import { Closer } from "@pregonero/runtime";
import { findChromium } from "./chromium.ts";
import { readStackEnv, type StackEnv } from "./env.ts";
import { startPostgres } from "./postgres.ts";
import { startRedis } from "./redis.ts";
import { lockStack } from "./stack-lock.ts";

export interface LocalStackOptions {
  /** Holds all data: `postgres/`, `redis/` and a lock. */
  readonly dir: string;
  /** `false`: for tests; data may be lost in a crash and Redis keeps nothing. Default `true`. */
  readonly durable?: boolean;
  readonly log?: (line: string) => void;
  readonly env?: StackEnv;
}

export interface LocalStack {
  /** A superuser's (or DATABASE_URL, when set). */
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly chromiumPath: string;
  /** Ends what was started, in reverse. Safe to call twice. */
  close(): Promise<void>;
}

// Longer than the servers' own bounds: theirs must be the ones that act.
const closeTimeoutMs = 60_000;

/**
 * Everything that the product needs around it. Servers named by DATABASE_URL, REDIS_URL or REDIS_HOST are used and not
 * started.
 * @throws SetupError when something is missing, or another process uses `dir`.
 */
export async function openLocalStack(options: LocalStackOptions): Promise<LocalStack> {
  const { durable = true, env = readStackEnv(), log } = options;
  const dir = resolve(options.dir);
  const chromiumPath = await findChromium(env);
  const closer = new Closer({ timeoutMs: closeTimeoutMs });
  const begin = async <T extends { close(): Promise<void> }>(
    name: string,
    starting: Promise<T>,
  ): Promise<T> => {
    const started = await starting;
    closer.add(name, () => started.close());
    return started;
  };
  try {
    const lock = await lockStack(dir);
    closer.add("lock", () => lock.release());
    const logged = (name: string) => (line: string) => log?.(`${name}: ${line}`);
    const databaseUrl =
      env.databaseUrl ??
      (
        await begin(
          "postgres",
          startPostgres({ dataDir: join(dir, "postgres"), durable, log: logged("postgres") }),
        )
      ).url;
    const redis = { dataDir: join(dir, "redis"), persistent: durable, log: logged("redis"), env };
    const redisUrl = env.redisUrl ?? (await begin("redis", startRedis(redis))).url;
    await lock.publish({ databaseUrl, redisUrl });
    return { databaseUrl, redisUrl, chromiumPath, close: () => closer.close() };
  } catch (error) {
    await closer.close();
    throw error;
  }
}
