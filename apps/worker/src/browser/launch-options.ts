import { accessSync, constants, statSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import type { LaunchOptions } from "puppeteer";
import { BrowserOpenError } from "./errors.ts";

export interface BrowserSettings {
  /** Chromium's executable; without it the first of the usual names on `searchPath`. */
  readonly executablePath?: string;
  /** The PATH to look on when `executablePath` is not given. Default: the usual folders of Linux and macOS. */
  readonly searchPath?: string;
  readonly headless: boolean;
  /** Default: only when running as root, where Chromium's sandbox cannot work. */
  readonly noSandbox?: boolean;
  /** Variables that the browser gets beside the few that it needs, such as DISPLAY or HTTPS_PROXY. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

const usualPath = "/usr/local/bin:/usr/bin:/bin:/snap/bin:/opt/homebrew/bin";

const usualNames = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];

/**
 * A session is a few KB of IndexedDB and localStorage; the rest of a profile is cache that only fills the shared
 * volume. 32 MB hold WhatsApp Web's scripts, so that a restart does not download them again.
 */
const diskCacheBytes = 32 * 1024 * 1024;

/** These two omnibox pages cost a renderer process and 40 MB per browser, or per context (measured). */
const unwantedFeatures = ["WebUIOmniboxPopup", "WebUIOmniboxAimPopup"];

const flags = [
  "--disable-gpu",
  "--disable-quic",
  "--disable-component-update",
  // After a kill the profile is marked as crashed; nobody is there to answer the question whether to restore.
  "--hide-crash-restore-bubble",
  `--disk-cache-size=${diskCacheBytes}`,
  `--media-cache-size=${diskCacheBytes}`,
];

/** What one kind of browser has beyond the rest. */
export interface OwnFlags {
  readonly flags: readonly string[];
  /** Of Chromium, to be turned off. */
  readonly features: readonly string[];
}

/**
 * How a browser is started.
 *
 * `pipe`: Chromium speaks over a pipe to us and ends by itself when the pipe
 * breaks, so that a worker killed by SIGKILL leaves no browser behind that goes on being the device.
 * @throws BrowserOpenError `no_browser`
 */
export function launchOptionsFor(
  profileDir: string,
  settings: BrowserSettings,
  own: OwnFlags = { flags: [], features: [] },
): LaunchOptions {
  // Chromium keeps only the LAST --disable-features, so it must be one list (puppeteer merges its own into it).
  const features = `--disable-features=${[...unwantedFeatures, ...own.features].join(",")}`;
  const noSandbox = settings.noSandbox ?? process.getuid?.() === 0;
  return {
    executablePath: findBrowser(settings),
    headless: settings.headless,
    pipe: true,
    userDataDir: profileDir,
    args: [...flags, features, ...own.flags, ...(noSandbox ? ["--no-sandbox"] : [])],
    defaultViewport: { width: 1280, height: 800 },
    // Puppeteer would close every browser on the first SIGTERM, in the middle of the sends that we let finish.
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
    // Not the worker's own environment, as puppeteer would: secrets have no business next to somebody else's page.
    env: { PATH: usualPath, HOME: homedir(), TMPDIR: tmpdir(), LANG: "C.UTF-8", ...settings.env },
  };
}

/**
 * @throws BrowserOpenError `no_browser`. Checked beforehand: with a pipe, a spawn that fails surfaces as an uncaught
 * error of the whole worker.
 */
function findBrowser(settings: BrowserSettings): string {
  const { executablePath, searchPath = usualPath } = settings;
  if (executablePath !== undefined) {
    if (isExecutable(executablePath)) return executablePath;
    throw new BrowserOpenError("no_browser", `not an executable file: ${executablePath}`);
  }
  const folders = searchPath.split(delimiter).filter((folder) => folder !== "");
  const candidates = folders.flatMap((folder) => usualNames.map((name) => join(folder, name)));
  const found = candidates.find(isExecutable);
  if (found === undefined) {
    throw new BrowserOpenError("no_browser", "no Chromium found: set PUPPETEER_EXECUTABLE_PATH");
  }
  return found;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
