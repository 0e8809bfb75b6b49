import { hostname } from "node:os";
import { outboundEnv } from "@pregonero/outbound";
import { envBool, EnvError, envInt, envMs, parseEnv, redisUrlFrom } from "@pregonero/runtime";
import { blobEnv } from "@pregonero/storage";
import { z } from "zod";
import type { SmtpSettings } from "./notifications/smtp.ts";
import { isHostMapEntry } from "./scraping/network/host-map.ts";

const listOf = z
  .string()
  .default("")
  .transform((text) =>
    text
      .split(",")
      .map((part) => part.trim())
      .filter((part) => part !== ""),
  );

const schema = z.object({
  ...blobEnv,
  ...outboundEnv,
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
  /** The most devices with an HTTP channel (Cloud API, Wablas) at once. */
  MAX_HTTP_DEVICES: envInt({ min: 0, max: 10_000, default: 200 }),
  /** Sends under way at once of such a device: the product of the two. */
  BATCH_SIZE: envInt({ min: 1, max: 10_000, default: 100 }),
  MAX_CONCURRENT_BATCHES: envInt({ min: 1, max: 1_000, default: 5 }),
  CLOUD_API_URL: z.url().default("https://graph.facebook.com"),
  CLOUD_API_VERSION: z
    .string()
    .regex(/^v\d+\.\d+$/, "must be a version such as v24.0")
    .default("v24.0"),
  /** Messages in one call of Wablas, and how long the first waits for company. */
  WABLAS_GROUP_SIZE: envInt({ min: 1, max: 100, default: 20 }),
  WABLAS_GROUP_WAIT_MS: envMs(10),
  /** 32 bytes in base64: opens the credentials of such devices. */
  CREDENTIALS_KEY: z.string().optional(),
  /** Keys used before, with commas between them. */
  CREDENTIALS_KEYS_OLD: z.string().default(""),
  /** Where the profiles of devices live: on a volume that all workers share. */
  SESSIONS_DIR: z.string().default(".data/sessions"),
  /** Larger files of messages that come in are left where they are; API and workers must agree. */
  MAX_MEDIA_SIZE_MB: envInt({ min: 1, max: 100, default: 16 }),
  BROWSER_START_STAGGER_MS: envMs(1_000),
  /** A browser context is opened anew, between two turns, after so many sends or hours or above so much memory; 0: never. */
  RECYCLE_AFTER_SENDS: envInt({ min: 0, max: 10_000_000, default: 5_000 }),
  RECYCLE_AFTER_HOURS: envInt({ min: 0, max: 10_000, default: 24 }),
  RECYCLE_ABOVE_MB: envInt({ min: 0, max: 1_000_000, default: 1_500 }),
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
  /** Jobs that run at once over all tenants, and of each tenant; 0: any number. The last worker to start settles it. */
  MAX_RUNNING_JOBS: envInt({ min: 0, max: 1_000_000, default: 0 }),
  MAX_RUNNING_JOBS_PER_TENANT: envInt({ min: 0, max: 1_000_000, default: 0 }),
  /** How late a scheduled run may be and still count as on time. */
  SCHEDULE_GRACE_MS: envMs(5 * 60_000),
  /** The most websites that are visited at once; 0 leaves them to other workers. */
  MAX_SCRAPING_CONTEXTS: envInt({ min: 0, max: 50, default: 4 }),
  /** Where whoever runs a site can complain: an address or an e-mail, in the user agent. */
  SCRAPING_CONTACT: z
    .string()
    .regex(/^[\w.@:/?&=#~%+-]{3,200}$/, "must be an address or an e-mail")
    .optional(),
  /** Where hosts are instead of where DNS says, as `name[:port]=address:port`, with commas between them. */
  SCRAPING_HOST_MAP: listOf.refine((entries) => entries.every(isHostMapEntry), {
    message: "must be name[:port]=address:port, with commas",
  }),
  /** Keys whose certificates count as valid: SHA-256 of the public key in base64, with commas between them. */
  SCRAPING_TRUSTED_KEYS: listOf.refine((keys) => keys.every((key) => /^[A-Za-z0-9+/]{43}=$/.test(key)), {
    message: "must be SHA-256 in base64, with commas",
  }),
  /** Where the product is for people: what links in mails begin with. */
  PUBLIC_URL: z.url({ protocol: /^https?$/ }).optional(),
  /** Sends notifications by e-mail; none are sent without a host. */
  SMTP_HOST: z.string().optional(),
  SMTP_PORT: envInt({ min: 1, max: 65_535, default: 587 }),
  SMTP_TLS: z.enum(["starttls", "implicit", "off"]).default("starttls"),
  SMTP_USER: z.string().optional(),
  SMTP_PASSWORD: z.string().optional(),
  /** `Name <address>` or an address. */
  SMTP_FROM: z
    .string()
    .regex(
      /^(?:[^<>\r\n]*<[^\s<>@]+@[^\s<>@]+>|[^\s<>@]+@[^\s<>@]+)$/,
      "must be an address, or Name <address>",
    )
    .optional(),
  /** Webhooks under way at once in this worker, none when 0, … */
  WEBHOOK_CONCURRENCY: envInt({ min: 0, max: 5_000, default: 100 }),
  /** … and at one endpoint over all workers. */
  WEBHOOK_ENDPOINT_CONCURRENCY: envInt({ min: 1, max: 1_000, default: 16 }),
  /** A receiver that has not answered by then has failed. */
  WEBHOOK_TIMEOUT_MS: envMs(10_000),
  /** An endpoint that has failed for so many days is disabled. */
  WEBHOOK_DISABLE_DAYS: envInt({ min: 1, max: 365, default: 3 }),
  /** How long the log of deliveries is kept. */
  WEBHOOK_RETENTION_DAYS: envInt({ min: 1, max: 3_650, default: 30 }),
  /** How long a SIGTERM waits for sends under way. */
  /** Newest events of a stream that are kept for clients that come back, and how long after the last one. */
  REALTIME_HISTORY_EVENTS: envInt({ min: 0, max: 1_000_000, default: 20_000 }),
  REALTIME_HISTORY_MS: envMs(600_000),
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
    smtp: smtpOf(parsed),
  };
}

/** Null without a host. Half of the settings stops the start, not the first mail. */
function smtpOf(env: z.output<typeof schema>): SmtpSettings | null {
  if (!env.SMTP_HOST) return null;
  if (!env.SMTP_FROM) throw new EnvError(["SMTP_FROM: is needed with SMTP_HOST"]);
  if (!env.SMTP_USER !== !env.SMTP_PASSWORD) throw new EnvError(["SMTP_USER and SMTP_PASSWORD: go together"]);
  const auth = env.SMTP_USER && env.SMTP_PASSWORD ? { user: env.SMTP_USER, pass: env.SMTP_PASSWORD } : null;
  return { host: env.SMTP_HOST, port: env.SMTP_PORT, tls: env.SMTP_TLS, auth, from: env.SMTP_FROM };
}

export type WorkerEnv = ReturnType<typeof readEnv>;
