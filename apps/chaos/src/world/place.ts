import { randomBytes } from "node:crypto";

/** What the processes of the world have in common. */
export interface Place {
  /** Holds logs, sessions and uploads. */
  readonly dir: string;
  readonly sessionsDir: string;
  readonly chromiumPath: string;
  /** Where pages find WhatsApp Web and gateways their API: the proxy in front of the sandbox. */
  readonly providerUrl: string;
  readonly credentialsKey: string;
}

export const host = "127.0.0.1";

export const redisPrefix = "chaos";

// From source in development and tests, else the build.
export const mode = import.meta.url.endsWith(".ts") ? "source" : "dist";

/** Short, so that what a fault takes is seen within seconds; all other settings are those that ship. */
export const timings = {
  leaseMs: 4_000,
  settleMs: 15_000,
  turnMs: 2_000,
  sendTimeoutMs: 5_000,
  ackTimeoutMs: 10_000,
} as const;

export const newCredentialsKey = (): string => randomBytes(32).toString("base64");

/** The same address through a proxy. */
export function through(url: string, port: number): string {
  const changed = new URL(url);
  changed.port = String(port);
  return changed.href;
}
