import { envInt, envMs, parseEnv } from "@pregonero/runtime";
import { z } from "zod";

const schema = z.object({
  /** 0 takes a free one; the line printed at the start tells which. */
  SANDBOX_PORT: envInt({ min: 0, max: 65_535, default: 0 }),
  /** Of the sample websites; 0 takes a free one, which the line at the start tells as well. */
  SANDBOX_SITES_PORT: envInt({ min: 0, max: 65_535, default: 0 }),
  /** Nothing of the stand-in is protected: keep it on the loopback, or inside a private network of containers. */
  SANDBOX_HOST: z.string().default("127.0.0.1"),
  /** Journal of accounts, sessions and ledger; unset keeps them in memory only. */
  SANDBOX_DATA_FILE: z.string().optional(),
  /** How long one QR is valid, in ms. WhatsApp's is 20 s (60 s for the first one). */
  SANDBOX_QR_ROTATE_MS: envMs(20_000),
});

export interface SandboxSettings {
  readonly port: number;
  readonly sitesPort: number;
  readonly host: string;
  readonly dataFile: string | null;
  readonly qrRotateMs: number;
}

/** @throws EnvError naming every mistake. */
export function readSettings(env: NodeJS.ProcessEnv): SandboxSettings {
  const parsed = parseEnv(schema, env);
  return {
    port: parsed.SANDBOX_PORT,
    sitesPort: parsed.SANDBOX_SITES_PORT,
    host: parsed.SANDBOX_HOST,
    dataFile: parsed.SANDBOX_DATA_FILE ?? null,
    qrRotateMs: parsed.SANDBOX_QR_ROTATE_MS,
  };
}
