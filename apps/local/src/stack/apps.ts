import { join } from "node:path";
import { freePort, type AppProcessOptions } from "@pregonero/local-stack";

/** What the processes of one stack have in common. */
export interface Place {
  /** Holds `logs/`, `sessions/` and `uploads/`. */
  readonly dir: string;
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly chromiumPath: string;
  /** Where devices without an address of their own find WhatsApp Web. */
  readonly whatsAppUrl: string;
  /** Of the sandbox's sample websites; null without a sandbox. */
  readonly sitesPort: number | null;
  readonly extraEnv: NodeJS.ProcessEnv;
}

export const host = "127.0.0.1";

// The launcher runs the others the way it was started itself: from source in development, else the build.
const mode = import.meta.url.endsWith(".ts") ? "source" : "dist";

export const logPath = (dir: string, name: string): string => join(dir, "logs", `${name}.log`);

/** Whose certificates the sample websites have; see apps/sandbox/README.md. */
const sampleSitesKey = "HJFWw0os3cnk61BqZeMZpzZGnTHew0hC7yQ8Qc6G+Mc=";

export function sandboxApp(port: number, sitesPort: number, dataFile: string | null): AppProcessOptions {
  return {
    name: "sandbox",
    entry: "apps/sandbox",
    mode,
    env: {
      SANDBOX_HOST: host,
      SANDBOX_PORT: String(port),
      SANDBOX_SITES_PORT: String(sitesPort),
      SANDBOX_DATA_FILE: dataFile ?? undefined,
    },
    ready: { url: `http://${host}:${port}/healthz` },
  };
}

/** Workers find the sample websites under their names, and only those. */
function sampleSites(sitesPort: number | null): NodeJS.ProcessEnv {
  if (sitesPort === null) return {};
  return {
    SCRAPING_HOST_MAP: `*.sandbox.test=${host}:${sitesPort}`,
    SCRAPING_TRUSTED_KEYS: sampleSitesKey,
  };
}

function common(place: Place, name: string): NodeJS.ProcessEnv {
  return {
    DATABASE_URL: place.databaseUrl,
    REDIS_URL: place.redisUrl,
    LOG_FILE: logPath(place.dir, name),
    BLOB_DIR: join(place.dir, "blobs"),
    // Who uses this is at this machine: webhooks to a program of theirs, and the sandbox's websites, are welcome.
    OUTBOUND_ALLOW: "localhost,127.0.0.1",
    ...place.extraEnv,
  };
}

export function apiApp(place: Place, port: number, auth: "open" | "required"): AppProcessOptions {
  return {
    name: "api",
    entry: "apps/api",
    mode,
    env: {
      ...common(place, "api"),
      // Some shells export HOST, the machine's name: AUTH=open would be refused there.
      HOST: host,
      PORT: String(port),
      AUTH: auth,
      UPLOAD_DIR: join(place.dir, "uploads"),
    },
    ready: { url: `http://${host}:${port}/readyz` },
  };
}

export async function workerApp(place: Place, number: number): Promise<AppProcessOptions> {
  const name = `worker-${number}`;
  const port = await freePort();
  return {
    name,
    entry: "apps/worker",
    mode,
    env: {
      ...sampleSites(place.sitesPort),
      ...common(place, name),
      WORKER_NAME: name,
      HEALTH_HOST: host,
      HEALTH_PORT: String(port),
      SESSIONS_DIR: join(place.dir, "sessions"),
      PUPPETEER_EXECUTABLE_PATH: place.chromiumPath,
      PUPPETEER_WHATSAPP_URL: place.whatsAppUrl,
    },
    ready: { url: `http://${host}:${port}/readyz` },
  };
}
