import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir } from "node:fs/promises";
import { expect, inject, test } from "vitest";
import { openLocalStack, readStackEnv } from "@pregonero/local-stack";
import { closing, tempDir } from "./temp-dir.ts";

const main = new URL("../src/main.ts", import.meta.url).pathname;

interface Result {
  readonly code: number | null;
  readonly output: string;
}

interface Options {
  readonly env?: NodeJS.ProcessEnv;
  /** What it says when it is to get SIGTERM. */
  readonly endOn?: string;
}

/** Runs the command line of this package with a temporary folder of its own. */
async function run(tmp: string, args: readonly string[], options: Options = {}): Promise<Result> {
  const own = { TMPDIR: tmp, DATABASE_URL: "", REDIS_URL: "", REDIS_HOST: "" };
  const env = { ...process.env, ...own, ...options.env };
  const child = spawn(process.execPath, ["--conditions=source", "--import", "tsx", main, ...args], { env });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      if (text === options.endOn) child.kill("SIGTERM");
    });
  }
  await once(child, "close");
  return { code: child.exitCode, output };
}

test("a command gets the addresses of servers of its own, its exit code is passed on and nothing stays", async () => {
  const tmp = await tempDir();
  const script = 'echo "$DATABASE_URL $REDIS_URL $PUPPETEER_EXECUTABLE_PATH"; exit 7';
  const { code, output } = await run(tmp, ["exec", "--temporary", "--", "sh", "-c", script]);
  expect(output).toMatch(/^postgresql:\S+\/pregonero redis:\S+ \/\S+\n$/);
  expect(code).toBe(7);
  expect((await readdir(tmp)).filter((name) => name.startsWith("pregonero"))).toEqual([]);
});

test("a signal is passed on to the command, and the stack is closed after it", async () => {
  const tmp = await tempDir();
  const script = "trap 'echo bye; exit 5' TERM; echo ready; while :; do sleep 0.05; done";
  const { code, output } = await run(tmp, ["exec", "--temporary", "--", "sh", "-c", script], {
    env: { DATABASE_URL: inject("databaseAdminUrl"), REDIS_URL: inject("redisUrl") },
    endOn: "ready\n",
  });
  expect(output).toBe("ready\nbye\n");
  expect(code).toBe(5);
  expect((await readdir(tmp)).filter((name) => name.startsWith("pregonero"))).toEqual([]);
});

test("a stack that runs on the folder already is joined and left running", async () => {
  const dir = await tempDir();
  const env = { ...readStackEnv(), databaseUrl: inject("databaseAdminUrl"), redisUrl: inject("redisUrl") };
  const stack = closing(await openLocalStack({ dir, env }));
  const { output } = await run(dir, [
    "exec",
    "--dir",
    dir,
    "--",
    "sh",
    "-c",
    'echo "$DATABASE_URL $REDIS_URL"',
  ]);
  expect(output).toBe(`${stack.databaseUrl} ${stack.redisUrl}\n`);
});

test("anything else is answered with how to use it", async () => {
  const { code, output } = await run(await tempDir(), ["exec", "--temporary"]);
  expect(output).toMatch(/^usage: /);
  expect(code).toBe(1);
});
