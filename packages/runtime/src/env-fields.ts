import { z } from "zod";
import { EnvError } from "./env.ts";

export interface EnvIntOptions {
  readonly min?: number;
  readonly max?: number;
  /** Used when the variable is unset; without it the variable is required. */
  readonly default?: number;
}

// setTimeout fires at once for anything longer.
const longestTimerMs = 2_147_483_647;

function rangeText(min: number, max: number): string {
  if (max !== Number.MAX_SAFE_INTEGER) return ` between ${min} and ${max}`;
  return min === Number.MIN_SAFE_INTEGER ? "" : ` of at least ${min}`;
}

/** A whole number in decimal digits, within bounds (both inclusive). */
export function envInt(options: EnvIntOptions = {}) {
  const { min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER } = options;
  return z
    .string()
    .optional()
    .transform((raw, context): number => {
      if (raw === undefined) {
        if (options.default !== undefined) return options.default;
        context.addIssue({ code: "custom", message: "is required" });
        return z.NEVER;
      }
      const text = raw.trim();
      const value = Number(text);
      if (/^[+-]?\d+$/.test(text) && value >= min && value <= max) return value;
      context.addIssue({ code: "custom", message: `must be an integer${rangeText(min, max)}` });
      return z.NEVER;
    });
}

/** A duration in whole milliseconds, at most what a timer can hold (24.8 days). */
export function envMs(defaultMs: number) {
  return envInt({ min: 0, max: longestTimerMs, default: defaultMs });
}

const booleans = new Map([
  ["true", true],
  ["1", true],
  ["yes", true],
  ["on", true],
  ["false", false],
  ["0", false],
  ["no", false],
  ["off", false],
]);

/** true/false, 1/0, yes/no or on/off in any case. */
export function envBool(defaultValue: boolean) {
  return z
    .string()
    .optional()
    .transform((raw, context): boolean => {
      if (raw === undefined) return defaultValue;
      const value = booleans.get(raw.trim().toLowerCase());
      if (value !== undefined) return value;
      context.addIssue({ code: "custom", message: "must be true or false" });
      return z.NEVER;
    });
}

export interface RedisEnv {
  readonly REDIS_URL?: string | undefined;
  readonly REDIS_HOST?: string | undefined;
  readonly REDIS_PORT?: string | undefined;
  readonly REDIS_PASSWORD?: string | undefined;
  readonly REDIS_DB?: string | undefined;
}

function redisPart(name: string, raw: string | undefined, fallback: number, max: number): number {
  const parsed = envInt({ min: 0, max, default: fallback }).safeParse(raw === "" ? undefined : raw);
  if (parsed.success) return parsed.data;
  throw new EnvError([`${name}: ${parsed.error.issues[0]?.message ?? "is not valid"} (got "${raw ?? ""}")`]);
}

/**
 * The Redis to use: `REDIS_URL`, else one composed of `REDIS_HOST`, `REDIS_PORT`, `REDIS_PASSWORD` and `REDIS_DB`
 * (defaults: 127.0.0.1, 6379, none, 0).
 * @throws EnvError when a part is not valid.
 */
export function redisUrlFrom(env: RedisEnv): string {
  if (env.REDIS_URL) return env.REDIS_URL;
  const host = env.REDIS_HOST || "127.0.0.1";
  const port = redisPart("REDIS_PORT", env.REDIS_PORT, 6379, 65_535);
  const db = redisPart("REDIS_DB", env.REDIS_DB, 0, 1_000_000);
  const password = env.REDIS_PASSWORD ? `:${encodeURIComponent(env.REDIS_PASSWORD)}@` : "";
  const address = host.includes(":") && !host.startsWith("[") ? `[${host}]` : host;
  return `redis://${password}${address}:${port}/${db}`;
}
