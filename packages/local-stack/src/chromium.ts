import { findExecutable, isExecutable } from "./find-executable.ts";
import { SetupError } from "./setup-error.ts";
import { readStackEnv, type StackEnv } from "./env.ts";
import { findInstaller, missingProgramsAdvice } from "./system-advice.ts";

const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];

const wellKnown = [
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "/opt/google/chrome/chrome",
  "/snap/bin/chromium",
  "/usr/lib/chromium/chromium",
];

/**
 * The browser to drive: PUPPETEER_EXECUTABLE_PATH, else one on the PATH, else one where it is usually installed.
 * @throws SetupError with the command that installs it.
 */
export async function findChromium(env: StackEnv = readStackEnv()): Promise<string> {
  if (env.chromiumPath !== undefined) {
    if (await isExecutable(env.chromiumPath)) return env.chromiumPath;
    throw new SetupError(
      `PUPPETEER_EXECUTABLE_PATH names ${env.chromiumPath}, which is not a program that can be run.`,
    );
  }
  const onPath = await findExecutable(names, env.path);
  if (onPath !== undefined) return onPath;
  for (const file of wellKnown) if (await isExecutable(file)) return file;
  throw new SetupError(missingProgramsAdvice(["chromium"], await findInstaller(env)));
}
