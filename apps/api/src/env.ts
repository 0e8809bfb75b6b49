import { envInt, envMs, EnvError, parseEnv, redisUrlFrom } from "@pregonero/runtime";
import { hostname } from "node:os";
import { outboundEnv } from "@pregonero/outbound";
import { blobEnv } from "@pregonero/storage";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { InvalidCredentialsKey, openKeyring, type CredentialsKeyring } from "@pregonero/db";
import { isLoopbackAddress } from "./auth/index.ts";

const listOf = z
  .string()
  .default("")
  .transform((text) =>
    text
      .split(",")
      .map((part) => part.trim())
      .filter((part) => part !== ""),
  );

/** HS256 wants a key as long as its hash. */
const shortestSecret = 32;

const schema = z.object({
  ...blobEnv,
  ...outboundEnv,
  PORT: envInt({ min: 0, max: 65_535, default: 8_000 }),
  HOST: z.string().default("127.0.0.1"),
  DATABASE_URL: z.string().min(1),
  /** Most connections to Postgres of this process. */
  DATABASE_POOL: envInt({ min: 2, max: 500, default: 20 }),
  REDIS_URL: z.string().optional(),
  REDIS_HOST: z.string().optional(),
  REDIS_PORT: z.string().optional(),
  REDIS_PASSWORD: z.string().optional(),
  REDIS_DB: z.string().optional(),
  REDIS_PREFIX: z.string().default("pregonero"),
  /** `open` lets everybody in who is on this machine. */
  AUTH: z.enum(["required", "open"]).default("required"),
  JWT_SECRET: z.string().min(shortestSecret, `must have at least ${shortestSecret} characters`).optional(),
  JWKS_URL: z.url().optional(),
  /** Origins of web pages that may call, separated by commas. */
  CORS_ORIGINS: listOf,
  /** Proxies in front, as Express's `trust proxy` takes it: a number of hops, or addresses separated by commas. */
  TRUST_PROXY: z.string().optional(),
  METRICS_TOKEN: z.string().optional(),
  /** Requests a minute of one key or user, and of a tenant with all its keys, over all instances; 0: any number. */
  REQUESTS_PER_MINUTE: envInt({ min: 0, max: 10_000_000, default: 3_000 }),
  TENANT_REQUESTS_PER_MINUTE: envInt({ min: 0, max: 10_000_000, default: 12_000 }),
  MAX_CSV_SIZE_MB: envInt({ min: 1, max: 2_000, default: 50 }),
  /** Largest file that a reply may carry; API and workers must agree. */
  MAX_MEDIA_SIZE_MB: envInt({ min: 1, max: 100, default: 16 }),
  MAX_MESSAGES_PER_CAMPAIGN: envInt({ min: 1, max: 10_000_000, default: 100_000 }),
  /** Of the campaign queue manager: most messages that a device takes at once of a campaign, … */
  BATCH_SIZE: envInt({ min: 1, max: 10_000, default: 100 }),
  /** … so many times that are under way at once, … */
  MAX_CONCURRENT_BATCHES: envInt({ min: 1, max: 100, default: 5 }),
  /** … and the pause between two messages on one device. */
  INTERVALO_ENVIO_MS: envInt({ min: 0, max: 86_400_000, default: 0 }),
  /** What this instance calls itself. */
  INSTANCE_ID: z.string().trim().min(1, "must not be empty").max(200).default(hostname()),
  /** Seals the credentials of devices: 32 bytes in base64. Needed only for devices that have some. */
  CREDENTIALS_KEY: z.string().optional(),
  /** Keys from before, separated by commas, to read what they sealed. */
  CREDENTIALS_KEYS_OLD: z.string().default(""),
  CLOUD_API_URL: z.url().default("https://graph.facebook.com"),
  CLOUD_API_VERSION: z
    .string()
    .regex(/^v\d+\.\d+$/, "must be a version such as v24.0")
    .default("v24.0"),
  /** Country of numbers that have no country code: ISO 3166, two letters. */
  DEFAULT_COUNTRY: z
    .string()
    .regex(/^[A-Z]{2}$/, "must be a country of two capital letters, such as CO")
    .optional(),
  /** Where uploads lie while they are read; the system's folder for temporary files when unset. */
  UPLOAD_DIR: z.string().optional(),
  /** The built dashboard; `off` serves none. */
  DASHBOARD_DIR: z.string().default(fileURLToPath(new URL("../../dashboard/dist", import.meta.url))),
  /** How long a request for a pairing code waits for a worker. */
  PAIRING_TIMEOUT_MS: envMs(30_000),
  /** How long a change of a browser context waits for its worker before it answers 202. */
  COMMAND_WAIT_MS: envMs(5_000),
  /** Most WebSockets of this process, and of one tenant with it. */
  REALTIME_MAX_CONNECTIONS: envInt({ min: 1, max: 1_000_000, default: 20_000 }),
  REALTIME_MAX_CONNECTIONS_PER_TENANT: envInt({ min: 1, max: 1_000_000, default: 5_000 }),
  /** Frames of at least so many bytes are compressed for clients that offer it; 0 compresses none. */
  REALTIME_COMPRESS_ABOVE: envInt({ min: 0, max: 1_000_000, default: 0 }),
  /** Newest events of a stream that are kept for clients that come back, … */
  REALTIME_HISTORY_EVENTS: envInt({ min: 0, max: 1_000_000, default: 20_000 }),
  /** … and how long after the last one. */
  REALTIME_HISTORY_MS: envMs(600_000),
  /** How long requests under way may take to finish after SIGTERM. */
  SHUTDOWN_MS: envMs(15_000),
  LOG_LEVEL: z.enum(["debug", "info", "warn", "error"]).default("info"),
  LOG_FILE: z.string().default("logs/app.log"),
});

/** Kept in step with package.json by the release. */
export const apiVersion = "0.1.0";

/**
 * Settings of the API, parsed once.
 * @throws EnvError, also when it would be open to other machines
 */
export function readEnv(env: NodeJS.ProcessEnv) {
  const parsed = parseEnv(schema, env);
  if (parsed.AUTH === "open" && !isLoopbackAddress(parsed.HOST) && parsed.HOST !== "localhost") {
    throw new EnvError([
      `AUTH: open is for this machine alone, and HOST ${parsed.HOST} can be reached from others. Use AUTH=required, or HOST=127.0.0.1.`,
    ]);
  }
  return { ...parsed, redisUrl: redisUrlFrom(parsed), keyring: keyringFrom(parsed) };
}

/** Null without a key. A key that is set and wrong stops the start, not the first message. */
function keyringFrom(env: {
  CREDENTIALS_KEY?: string | undefined;
  CREDENTIALS_KEYS_OLD: string;
}): CredentialsKeyring | null {
  if (env.CREDENTIALS_KEY === undefined || env.CREDENTIALS_KEY.trim() === "") return null;
  try {
    return openKeyring(env.CREDENTIALS_KEY, env.CREDENTIALS_KEYS_OLD);
  } catch (error) {
    if (error instanceof InvalidCredentialsKey) throw new EnvError([error.message]);
    throw error;
  }
}

export type ApiEnv = ReturnType<typeof readEnv>;
