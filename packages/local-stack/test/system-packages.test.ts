import { chmod, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ensureSystemPackages, findChromium, readStackEnv, type StackEnv } from "@pregonero/local-stack";
import { missingProgramsAdvice } from "../src/system-advice.ts";
import { tempDir } from "./temp-dir.ts";

async function program(dir: string, name: string, script: string): Promise<string> {
  const file = join(dir, name);
  await writeFile(file, `#!/bin/sh\n${script}\n`);
  await chmod(file, 0o755);
  return file;
}

/** A machine whose PATH holds one folder. */
async function machine(env: NodeJS.ProcessEnv = {}): Promise<{ dir: string; env: StackEnv }> {
  const dir = await tempDir();
  return { dir, env: { ...readStackEnv(env), path: [dir] } };
}

describe("findChromium", () => {
  test("takes PUPPETEER_EXECUTABLE_PATH, which must be a program", async () => {
    const { dir } = await machine();
    const browser = await program(dir, "my-browser", "exit 0");
    expect(await findChromium(readStackEnv({ PUPPETEER_EXECUTABLE_PATH: browser }))).toBe(browser);
    const missing = readStackEnv({ PUPPETEER_EXECUTABLE_PATH: join(dir, "none") });
    await expect(findChromium(missing)).rejects.toThrow(/PUPPETEER_EXECUTABLE_PATH names .*none/);
  });

  test("prefers chromium to chrome on the PATH", async () => {
    const { dir, env } = await machine();
    await program(dir, "google-chrome", "exit 0");
    expect(await findChromium(env)).toBe(join(dir, "google-chrome"));
    await program(dir, "chromium", "exit 0");
    expect(await findChromium(env)).toBe(join(dir, "chromium"));
  });
});

describe("ensureSystemPackages", () => {
  test("does nothing when all is there, or Redis runs elsewhere", async () => {
    const { dir, env } = await machine({ REDIS_URL: "redis://cache:6379/0" });
    const chromium = await program(dir, "chromium", "exit 0");
    expect(await ensureSystemPackages({ env })).toEqual({ redisServer: undefined, chromium });
  });

  test("on a machine that nothing can be installed on, says the one command and the way around", async () => {
    const { dir, env } = await machine();
    await program(dir, "chromium", "exit 0");
    await expect(ensureSystemPackages({ env })).rejects.toThrow(
      /^redis-server is not installed\. Install with:\n {4}\S.*\nor use .*REDIS_URL/,
    );
  });

  // Installing takes root: on other accounts sudo would be asked for.
  test.runIf(process.getuid?.() === 0)(
    "installs with apt-get what is missing, and bears one failure",
    async () => {
      const { dir, env } = await machine();
      await program(dir, "chromium", "exit 0");
      // The mirror fails once; installing makes the program appear.
      const script = [
        `echo "$DEBIAN_FRONTEND $@" >> "${dir}/calls"`,
        `[ "$1" = update ] && [ ! -e "${dir}/failed" ] && touch "${dir}/failed" && exit 100`,
        `[ "$1" = install ] && cp "${dir}/chromium" "${dir}/redis-server"`,
        "exit 0",
      ];
      await program(dir, "apt-get", script.join("\n"));
      const said: string[] = [];
      const found = await ensureSystemPackages({ env, log: (line) => said.push(line) });
      expect(found.redisServer).toBe(join(dir, "redis-server"));
      expect(said).toEqual([expect.stringContaining("Installing redis-server with apt-get")]);
      expect((await readFile(join(dir, "calls"), "utf8")).trim().split("\n")).toEqual([
        "noninteractive update -q",
        "noninteractive update -q",
        "noninteractive install -y -q --no-install-recommends redis-server",
      ]);
    },
  );

  test.runIf(process.getuid?.() === 0)(
    "tells the command and what apt-get said when it fails twice",
    async () => {
      const { dir, env } = await machine();
      await program(dir, "chromium", "exit 0");
      await program(dir, "apt-get", "echo 'E: no network' >&2; exit 100");
      await expect(ensureSystemPackages({ env })).rejects.toThrow(/sudo apt-get install[\s\S]*E: no network/);
    },
  );
});

test("the command is that of the machine's own package manager", () => {
  const missing = ["redis-server", "chromium"] as const;
  expect(missingProgramsAdvice(missing, "brew")).toContain(
    "brew install redis && brew install --cask chromium",
  );
  expect(missingProgramsAdvice(missing, "dnf")).toContain("sudo dnf install -y redis chromium");
  expect(missingProgramsAdvice(missing, "apt")).toContain("--no-install-recommends redis-server chromium");
  expect(missingProgramsAdvice(["chromium"], "apt")).toMatch(
    /chromium is not installed[\s\S]*PUPPETEER_EXECUTABLE_PATH/,
  );
});
