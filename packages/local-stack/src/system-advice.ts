import type { StackEnv } from "./env.ts";
import { findExecutable } from "./find-executable.ts";

export type SystemProgram = "redis-server" | "chromium";
export type Installer = "apt" | "dnf" | "brew";

const otherWays: Record<SystemProgram, string> = {
  "redis-server": "a Redis that runs elsewhere: set REDIS_URL",
  chromium: "a Chrome or Chromium that is installed elsewhere: set PUPPETEER_EXECUTABLE_PATH",
};

const commands: Record<Installer, (missing: readonly SystemProgram[]) => string> = {
  apt: (missing) =>
    `sudo apt-get update && sudo apt-get install -y --no-install-recommends ${missing.join(" ")}`,
  dnf: (missing) => `sudo dnf install -y ${missing.join(" ").replace("redis-server", "redis")}`,
  brew: (missing) =>
    missing.map((name) => `brew install ${name === "chromium" ? "--cask chromium" : "redis"}`).join(" && "),
};

/** How programs are installed on this machine; Debian's way when it is not known. */
export async function findInstaller(env: StackEnv): Promise<Installer> {
  if (process.platform === "darwin") return "brew";
  return (await findExecutable(["apt-get", "dnf"], env.path))?.endsWith("dnf") ? "dnf" : "apt";
}

/** What to tell somebody whose machine lacks programs: the one command, and how to do without. */
export function missingProgramsAdvice(missing: readonly SystemProgram[], installer: Installer): string {
  return [
    `${missing.join(" and ")} ${missing.length === 1 ? "is" : "are"} not installed. Install with:`,
    `    ${commands[installer](missing)}`,
    `or use ${missing.map((name) => otherWays[name]).join("; ")}.`,
  ].join("\n");
}
