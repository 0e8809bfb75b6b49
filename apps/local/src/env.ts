import { resolve } from "node:path";
import { projectRoot, readStackEnv, type StackEnv } from "@pregonero/local-stack";
import { envInt, parseEnv } from "@pregonero/runtime";
import { z } from "zod";

const schema = z.object({
  /** Of the API that `start` leaves running. */
  PORT: envInt({ min: 1, max: 65_535, default: 8_000 }),
  WORKERS: envInt({ min: 1, max: 16, default: 2 }),
  /** Where `start` keeps everything; relative to the top of the project. */
  PREGONERO_DATA_DIR: z.string().default(".data"),
  /** Only on the loopback, where `start` listens, may callers do without a key. */
  AUTH: z.enum(["open", "required"]).default("open"),
  /** Set: no stand-in is started, devices are linked to this address by hand. */
  PUPPETEER_WHATSAPP_URL: z.url().optional(),
  /** Unset: the stand-in's, or the real one when there is no stand-in. */
  CLOUD_API_URL: z.url().optional(),
  /** Unset: one is made and kept with the data. */
  CREDENTIALS_KEY: z.string().optional(),
  REDIS_PREFIX: z.string().default("pregonero"),
});

export interface LocalEnv {
  readonly port: number;
  readonly workers: number;
  /** Absolute. */
  readonly dataDir: string;
  readonly auth: "open" | "required";
  readonly whatsAppUrl: string | null;
  readonly cloudApiUrl: string | null;
  readonly credentialsKey: string | null;
  readonly redisPrefix: string;
  readonly stack: StackEnv;
}

/** @throws EnvError naming every mistake. */
export function readEnv(env: NodeJS.ProcessEnv = process.env): LocalEnv {
  const parsed = parseEnv(schema, env);
  return {
    port: parsed.PORT,
    workers: parsed.WORKERS,
    dataDir: resolve(projectRoot, parsed.PREGONERO_DATA_DIR),
    auth: parsed.AUTH,
    whatsAppUrl: parsed.PUPPETEER_WHATSAPP_URL ?? null,
    cloudApiUrl: parsed.CLOUD_API_URL ?? null,
    credentialsKey: parsed.CREDENTIALS_KEY ?? null,
    redisPrefix: parsed.REDIS_PREFIX,
    stack: readStackEnv(env),
  };
}

/** https://no-color.org */
export function wantsColour(env: NodeJS.ProcessEnv = process.env): boolean {
  return (env["NO_COLOR"] ?? "") === "";
}
