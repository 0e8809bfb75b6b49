import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Logger } from "@pregonero/runtime";
import { BrowserFleet, type BrowserFleetOptions } from "../../src/browser/browser-fleet.ts";
import type { ContextReporter } from "../../src/browser/context-reporter.ts";

export const quietLog: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => quietLog,
};

export interface Report {
  readonly browserSystemId: string;
  readonly what: string;
  readonly detail?: string | undefined;
}

/** Remembers what it was told. */
export function recordingReporter(): { reporter: ContextReporter; reports: Report[]; pids: number[] } {
  const reports: Report[] = [];
  const pids: number[] = [];
  const reporter: ContextReporter = {
    opened: ({ browserSystemId, deviceId, pid }) => {
      reports.push({ browserSystemId, what: `opened ${deviceId}` });
      pids.push(pid ?? Number.NaN);
    },
    status: (browserSystemId, status, detail) => reports.push({ browserSystemId, what: status, detail }),
  };
  return { reporter, reports, pids };
}

export function fleetOptions(
  chromiumPath: string,
  sessionsDir: string,
  more: Partial<BrowserFleetOptions> = {},
): BrowserFleetOptions {
  return {
    executablePath: chromiumPath,
    sessionsDir,
    headless: true,
    slots: 2,
    launchTimeoutMs: 20_000,
    defaultTimeoutMs: 10_000,
    navigationTimeoutMs: 10_000,
    startStaggerMs: 0,
    log: quietLog,
    reporter: recordingReporter().reporter,
    ...more,
  };
}

/** A folder for profiles; disposing of it fails the test when a browser still uses one of them. */
export async function temporarySessions(): Promise<{ dir: string } & AsyncDisposable> {
  const dir = await mkdtemp(join(tmpdir(), "pregonero-sessions-"));
  return {
    dir,
    [Symbol.asyncDispose]: async () => {
      const left = await processesNaming(dir);
      for (const { pid } of left) killQuietly(pid);
      await rm(dir, { recursive: true, force: true, maxRetries: 5 });
      if (left.length > 0) throw new Error(`browsers left behind: ${left.map(({ pid }) => pid).join(", ")}`);
    },
  };
}

export async function temporaryFleet(
  options: BrowserFleetOptions,
): Promise<{ fleet: BrowserFleet } & AsyncDisposable> {
  const fleet = await BrowserFleet.launch(options);
  return { fleet, [Symbol.asyncDispose]: () => fleet.close() };
}

export function killQuietly(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // Gone by itself.
  }
}

/** Read straight from /proc, without the code under test. */
export async function processesNaming(text: string): Promise<{ pid: number; commandLine: string }[]> {
  const found: { pid: number; commandLine: string }[] = [];
  for (const name of await readdir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const commandLine = await readFile(`/proc/${name}/cmdline`, "utf8").catch(() => "");
    if (commandLine.includes(text)) found.push({ pid: Number(name), commandLine });
  }
  return found;
}

/** Waits for a condition; the test's own time limit is the bound. */
export async function until(condition: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 10));
}

/** Serves one HTML document at every path. */
export async function pageServer(
  html = "<!doctype html><title>page</title>",
): Promise<{ url: string } & AsyncDisposable> {
  const server = createServer((_, response) => {
    response.setHeader("content-type", "text/html").end(html);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    url: `http://127.0.0.1:${address.port}/`,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
