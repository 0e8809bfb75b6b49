/**
 * Why a browser context could not be opened.
 * - `no_free_slot`, `already_open`, `fleet_closed`: nothing was tried.
 * - `aborted`: the caller's signal fired.
 * - `disk_full`: the volume of the profiles has no room; another device will fail as well.
 * - `profile_in_use`: an orphan of the profile could not be killed.
 * - `no_browser`: no executable. `launch_failed`: it did not start, or not in time.
 *
 * Whatever the code, no process of the profile is left behind.
 */
export type BrowserOpenErrorCode =
  | "no_free_slot"
  | "already_open"
  | "fleet_closed"
  | "aborted"
  | "disk_full"
  | "profile_in_use"
  | "no_browser"
  | "launch_failed";

export class BrowserOpenError extends Error {
  override readonly name = "BrowserOpenError";
  readonly code: BrowserOpenErrorCode;

  constructor(code: BrowserOpenErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

const noRoom = new Set(["ENOSPC", "EDQUOT"]);

/** Keeps a typed error as it is and types any other. */
export function asOpenError(error: unknown): BrowserOpenError {
  if (error instanceof BrowserOpenError) return error;
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const message = error instanceof Error ? firstLine(error.message) : String(error);
  return new BrowserOpenError(noRoom.has(code) ? "disk_full" : "launch_failed", message, { cause: error });
}

/** Puppeteer's launch errors carry pages of Chromium's output; the rest stays in `cause`. */
function firstLine(text: string): string {
  return text.split("\n", 1)[0] ?? text;
}
