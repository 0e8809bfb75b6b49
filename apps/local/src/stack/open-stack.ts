import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { migrateDatabase } from "@pregonero/db";
import { freePort, openLocalStack, type LocalStack, type StackEnv } from "@pregonero/local-stack";
import type { Closer } from "@pregonero/runtime";
import { step } from "../terminal/step.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { ensureAdminKey, type Admin } from "./admin-key.ts";
import { apiApp, host, logPath, sandboxApp, workerApp, type Place } from "./apps.ts";
import { openLogFile } from "./log-file.ts";
import type { Processes } from "./processes.ts";
import { SandboxControl } from "./sandbox-control.ts";

export interface StackPlan {
  /** Holds all data, logs and sessions. */
  readonly dir: string;
  readonly workers: number;
  readonly apiPort: number;
  readonly auth: "open" | "required";
  /** Null keeps the admin key nowhere. */
  readonly keyFile: string | null;
  /** A stand-in for WhatsApp, or the address of the real one. */
  readonly whatsApp:
    | { readonly kind: "sandbox"; readonly port: number; readonly dataFile: string | null }
    | { readonly kind: "url"; readonly url: string };
  /** False: a crash of the machine may lose the data. */
  readonly durable: boolean;
  readonly env: StackEnv;
  /** For the API and the workers; undefined takes a variable away. */
  readonly extraEnv: NodeJS.ProcessEnv;
  /** Run when the API answers and before the first worker starts. */
  readonly beforeWorkers?: (stack: Stack) => Promise<void>;
}

/** Who shows what happens, and who ends what was opened. */
export interface Stage {
  readonly terminal: Terminal;
  readonly closer: Closer;
  /** Aborted when the user wants to stop. */
  readonly signal: AbortSignal;
  readonly processes: Processes;
}

export interface Stack {
  readonly apiUrl: string;
  readonly admin: Admin;
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly sandbox: SandboxControl | null;
}

// Longer than a worker gives itself to finish what it sends and to close its browsers.
const workerGraceMs = 40_000;
const otherGraceMs = 20_000;
const serversCloseMs = 60_000;

/** Opens everything, step by step; `stage.closer` ends it. @throws SetupError naming what did not start */
export async function openStack(plan: StackPlan, stage: Stage): Promise<Stack> {
  const { terminal, signal, processes } = stage;
  const doing = async <T>(title: string, work: () => Promise<T>): Promise<T> => {
    signal.throwIfAborted();
    return step(terminal, title, work);
  };
  const servers = await doing(serversTitle(plan.env), () => openServers(plan, stage));
  const admin = await doing("Tables", async () => {
    await migrateDatabase(servers.databaseUrl);
    return ensureAdminKey(servers.databaseUrl, plan.keyFile);
  });
  const { whatsApp } = plan;
  const sitesPort = whatsApp.kind === "sandbox" ? await freePort() : null;
  if (whatsApp.kind === "sandbox") {
    await doing("Sandbox, which stands in for WhatsApp", async () =>
      processes.keep({
        apps: [sandboxApp(whatsApp.port, sitesPort ?? 0, whatsApp.dataFile)],
        graceMs: otherGraceMs,
      }),
    );
  }
  const whatsAppUrl = whatsApp.kind === "url" ? whatsApp.url : `http://${host}:${whatsApp.port}`;
  const sandbox = whatsApp.kind === "url" ? null : new SandboxControl(whatsAppUrl);
  const { databaseUrl, redisUrl, chromiumPath } = servers;
  const { dir, extraEnv } = plan;
  const place: Place = { dir, databaseUrl, redisUrl, chromiumPath, whatsAppUrl, sitesPort, extraEnv };
  await doing("API", () =>
    processes.keep({ apps: [apiApp(place, plan.apiPort, plan.auth)], graceMs: otherGraceMs }),
  );
  const stack: Stack = { apiUrl: `http://${host}:${plan.apiPort}`, admin, databaseUrl, redisUrl, sandbox };
  await plan.beforeWorkers?.(stack);
  const numbers = Array.from({ length: plan.workers }, (_, index) => index + 1);
  await doing(plan.workers === 1 ? "1 worker" : `${plan.workers} workers`, async () => {
    const apps = await Promise.all(numbers.map((number) => workerApp(place, number)));
    await processes.keep({ apps, graceMs: workerGraceMs });
  });
  signal.throwIfAborted();
  return stack;
}

function serversTitle(env: StackEnv): string {
  const told = (name: string, url: string | undefined) => (url === undefined ? name : `${name} (yours)`);
  return `${told("Postgres", env.databaseUrl)} and ${told("Redis", env.redisUrl)}`;
}

async function openServers({ dir, durable, env }: StackPlan, { closer }: Stage): Promise<LocalStack> {
  await mkdir(join(dir, "uploads"), { recursive: true });
  const log = openLogFile(logPath(dir, "servers"));
  closer.add("log of the servers", () => log.close());
  const servers = await openLocalStack({ dir, durable, env, log: (line) => log.write(line) });
  closer.add("Postgres and Redis", () => servers.close(), { timeoutMs: serversCloseMs });
  return servers;
}
