import { hostname } from "node:os";
import { envBool, envInt, envMs, parseEnv, redisUrlFrom } from "@pregonero/runtime";
import { z } from "zod";

const schema = z.object({
  DATABASE_URL: z.string().min(1),
  REDIS_URL: z.string().optional(),
  REDIS_HOST: z.string().optional(),
  REDIS_PORT: z.string().optional(),
  REDIS_PASSWORD: z.string().optional(),
  REDIS_DB: z.string().optional(),
  REDIS_PREFIX: z.string().default("pregonero"),
  WORKER_NAME: z.string().optional(),
  HEALTH_HOST: z.string().default("127.0.0.1"),
  HEALTH_PORT: envInt({ min: 0, max: 65_535, default: 0 }),
  LOG_LEVEL: z.enum(["debug", "info", "warn", "error"]).default("info"),
  LOG_FILE: z.string().default("logs/app.log"),
  /** The most browser contexts at once; peers advise about ten per container. */
  MAX_BROWSER_CONTEXTS: envInt({ min: 0, max: 200, default: 10 }),
  /** Where the profiles of devices live: on a volume that all workers share. */
  SESSIONS_DIR: z.string().default(".data/sessions"),
  BROWSER_START_STAGGER_MS: envMs(1_000),
  PUPPETEER_EXECUTABLE_PATH: z.string().optional(),
  PUPPETEER_HEADLESS: envBool(true),
  PUPPETEER_WHATSAPP_URL: z.url().default("https://web.whatsapp.com"),
  PUPPETEER_DEFAULT_TIMEOUT: envMs(30_000),
  PUPPETEER_NAVIGATION_TIMEOUT: envMs(60_000),
  /** A send that has not ended by then has an unknown outcome. */
  SEND_TIMEOUT_MS: envMs(30_000),
  /** A device whose sends get no ack for so long is put aside. */
  ACK_TIMEOUT_MS: envMs(60_000),
  /** A worker that is silent for so long has lost its devices to the others. */
  LEASE_MS: envMs(15_000),
  /** Longest slice of work for one device before others of the queue get a look. */
  TURN_MS: envMs(10_000),
  /** How long lookups may try to settle an unknown outcome before the job's policy decides. */
  SETTLE_MS: envMs(10 * 60_000),
  /** How long a device may show its QR without anybody linking it. */
  LINK_TIMEOUT_MS: envMs(15 * 60_000),
  /** How long a SIGTERM waits for sends under way. */
  SHUTDOWN_MS: envMs(20_000),
});

/** Kept in step with package.json by the release. */
export const workerVersion = "0.1.0";

/** Settings of a worker, parsed once. */
export function readEnv(env: NodeJS.ProcessEnv) {
  const parsed = parseEnv(schema, env);
  return {
    ...parsed,
    redisUrl: redisUrlFrom(parsed),
    workerName: parsed.WORKER_NAME ?? hostname(),
  };
}

export type WorkerEnv = ReturnType<typeof readEnv>;
