import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from "rate-limiter-flexible";
import { connectRedis, type Redis } from "./redis.ts";

export interface RequestLimiterOptions {
  readonly url: string;
  readonly prefix: string;
  readonly name: string;
}

/** So many a minute; 0: any number. */
export interface RequestLimit {
  readonly key: string;
  readonly perMinute: number;
}

export interface Allowance {
  readonly allowed: boolean;
  /** Of the limit that leaves the least. */
  readonly limit: number;
  readonly remaining: number;
  /** Until its minute is over, ms. */
  readonly resetMs: number;
}

const windowS = 60;
/** A request does not wait for its own counting: beyond it this process counts for itself. */
const patienceMs = 250;

/**
 * Counts requests over all instances, in Redis. While Redis is away each instance counts its own in memory: limits hold
 * per instance then, and nobody is let in or kept out for want of Redis.
 */
export class RequestLimiter {
  readonly #redis: Redis;
  readonly #prefix: string;
  readonly #limiters = new Map<number, RateLimiterRedis>();

  constructor(options: RequestLimiterOptions) {
    this.#redis = connectRedis(options.url, { name: options.name, commandTimeoutMs: patienceMs });
    this.#prefix = `${options.prefix}:requests`;
  }

  /** Counts one request against each of the limits; refused when it is beyond any. Null when there is no limit. */
  async take(limits: readonly RequestLimit[]): Promise<Allowance | null> {
    const held = await Promise.all(
      limits.filter(({ perMinute }) => perMinute > 0).map((limit) => this.#takeOne(limit)),
    );
    return held.reduce<Allowance | null>(
      (tightest, one) => (tightest && !isTighter(one, tightest) ? tightest : one),
      null,
    );
  }

  async close(): Promise<void> {
    await this.#redis.quit().catch(() => this.#redis.disconnect());
  }

  async #takeOne({ key, perMinute }: RequestLimit): Promise<Allowance> {
    const shown = ({ remainingPoints, msBeforeNext }: RateLimiterRes) => ({
      limit: perMinute,
      remaining: Math.max(0, remainingPoints),
      resetMs: Math.max(0, msBeforeNext),
    });
    try {
      return { allowed: true, ...shown(await this.#limiter(perMinute).consume(key)) };
    } catch (refusal) {
      // Thrown to say no; what else it throws is an error.
      if (refusal instanceof RateLimiterRes) return { allowed: false, ...shown(refusal) };
      throw refusal;
    }
  }

  #limiter(perMinute: number): RateLimiterRedis {
    let limiter = this.#limiters.get(perMinute);
    if (!limiter) {
      const window = { points: perMinute, duration: windowS, keyPrefix: this.#prefix };
      limiter = new RateLimiterRedis({
        ...window,
        storeClient: this.#redis,
        rejectIfRedisNotReady: true,
        // Who is beyond it is told so without asking Redis each time.
        inMemoryBlockOnConsumed: perMinute + 1,
        insuranceLimiter: new RateLimiterMemory(window),
      });
      this.#limiters.set(perMinute, limiter);
    }
    return limiter;
  }
}

function isTighter(one: Allowance, other: Allowance): boolean {
  if (one.allowed !== other.allowed) return !one.allowed;
  if (!one.allowed) return one.resetMs > other.resetMs;
  return one.remaining < other.remaining;
}
