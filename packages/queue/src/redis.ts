import { Redis } from "ioredis";

export type { Redis } from "ioredis";

/**
 * A connection for commands and publishing. Commands wait while Redis is away (`offlineQueue`) only so long as
 * `commandTimeoutMs`: a caller must never hang on Redis, which holds no truth.
 */
export function connectRedis(url: string, options: { name: string; commandTimeoutMs?: number }): Redis {
  const redis = new Redis(url, {
    connectionName: options.name,
    maxRetriesPerRequest: 1,
    commandTimeout: options.commandTimeoutMs ?? 2_000,
    retryStrategy: (times) => Math.min(times * 100, 1_000),
  });
  // Without a listener ioredis prints every failed reconnection; state is shown by readiness checks instead.
  redis.on("error", () => undefined);
  return redis;
}
