import { mkdir, statfs } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Logger } from "@pregonero/runtime";
import puppeteer, { type Browser, type LaunchOptions, type Page } from "puppeteer";
import type { ContextReporter } from "./context-reporter.ts";
import { DeviceBrowser } from "./device-browser.ts";
import { asOpenError, BrowserOpenError } from "./errors.ts";
import { type BrowserSettings, launchOptionsFor } from "./launch-options.ts";
import { killOrphans, takeOverProfile } from "./profile-lock.ts";
import type { StartGate } from "./start-gate.ts";

export interface LauncherOptions extends BrowserSettings {
  /** Folder (usually on a volume that all workers share) with one profile per device: `device-<id>`. */
  readonly sessionsDir: string;
  /** From the spawn to a usable page, in ms. */
  readonly launchTimeoutMs: number;
  /** Puppeteer's waits, and the longest that one DevTools command may take, in ms. */
  readonly defaultTimeoutMs: number;
  readonly navigationTimeoutMs: number;
  readonly reporter: ContextReporter;
  readonly log: Logger;
}

/** Chromium needs some 3 MB for a new profile, and answers a full disk with a session that silently forgets. */
const neededBytes = 32 * 1024 * 1024;

/** A command to a page that hangs must end some time, but no sooner than the longest thing that we ask of one. */
const minProtocolTimeoutMs = 60_000;

/**
 * Opens a device's browser on its persistent profile. Only for the holder of the device's lease.
 * @throws BrowserOpenError after which no process of the profile is left.
 */
export async function launchDeviceBrowser(
  deviceId: number,
  options: LauncherOptions,
  gate: StartGate,
  signal: AbortSignal,
): Promise<DeviceBrowser> {
  const profileDir = join(resolve(options.sessionsDir), `device-${deviceId}`);
  const log = options.log.child({ deviceId });
  const launchOptions = launchOptionsFor(profileDir, options);
  try {
    await mkdir(profileDir, { recursive: true, mode: 0o700 });
    await requireRoom(profileDir);
    if (!(await gate.wait(signal))) throw aborted();
    await takeOverProfile(profileDir, log);
    const { browser, page } = await launchBounded(launchOptions, options, signal);
    return new DeviceBrowser({ browser, page, deviceId, profileDir, reporter: options.reporter, log });
  } catch (error) {
    await killOrphans(profileDir, log);
    throw asOpenError(error);
  }
}

async function requireRoom(folder: string): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize >= neededBytes) return;
  throw new BrowserOpenError("disk_full", `less than ${neededBytes} bytes left for profiles`);
}

function aborted(): BrowserOpenError {
  return new BrowserOpenError("aborted", "opening was given up");
}

/** Launches within the time limit; on a timeout or an abort the browser's process group is killed by puppeteer. */
async function launchBounded(
  launchOptions: LaunchOptions,
  options: LauncherOptions,
  signal: AbortSignal,
): Promise<{ browser: Browser; page: Page }> {
  if (signal.aborted) throw aborted();
  // A signal of the launch alone: puppeteer listens to it as long as the browser lives and kills it when it fires.
  const launching = new AbortController();
  const { promise: givenUp, stop } = abortOrTimeout(signal, options.launchTimeoutMs, launching);
  try {
    return await Promise.race([open({ ...launchOptions, signal: launching.signal }, options), givenUp]);
  } finally {
    stop();
  }
}

/** Rejects, and aborts `launching`, when the signal fires or the time is up. `stop` ends the watch. */
function abortOrTimeout(
  signal: AbortSignal,
  timeoutMs: number,
  launching: AbortController,
): { promise: Promise<never>; stop: () => void } {
  let giveUp: (error: BrowserOpenError) => void = () => undefined;
  const promise = new Promise<never>((_, reject) => {
    giveUp = (error) => {
      reject(error);
      launching.abort();
    };
  });
  const onAbort = (): void => giveUp(aborted());
  const tooLate = (): void =>
    giveUp(new BrowserOpenError("launch_failed", `no page within ${timeoutMs} ms of the launch`));
  const timer = setTimeout(tooLate, timeoutMs);
  signal.addEventListener("abort", onAbort, { once: true });
  const stop = (): void => {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
  };
  return { promise, stop };
}

async function open(
  launchOptions: LaunchOptions,
  options: LauncherOptions,
): Promise<{ browser: Browser; page: Page }> {
  const browser = await puppeteer.launch({
    ...launchOptions,
    timeout: options.launchTimeoutMs,
    protocolTimeout: Math.max(options.defaultTimeoutMs, minProtocolTimeoutMs),
  });
  // The page that Chromium opens by itself, in the default context: an incognito one would keep no session.
  const page = (await browser.pages())[0] ?? (await browser.newPage());
  page.setDefaultTimeout(options.defaultTimeoutMs);
  page.setDefaultNavigationTimeout(options.navigationTimeoutMs);
  // A dialog stops all scripts of its page until somebody answers.
  page.on("dialog", (dialog) => void dialog.dismiss().catch(() => undefined));
  return { browser, page };
}
