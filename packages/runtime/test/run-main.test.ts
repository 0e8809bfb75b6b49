import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { once } from "node:events";
import { afterEach, expect, test } from "vitest";
import { sleep } from "@pregonero/runtime";

const app = new URL("./fixtures/app.ts", import.meta.url).pathname;
const started: ChildProcessWithoutNullStreams[] = [];

interface Run {
  readonly child: ChildProcessWithoutNullStreams;
  readonly out: () => string;
  readonly error: () => string;
  readonly said: (line: string) => Promise<void>;
  readonly exit: () => Promise<number | null>;
}

function run(plan: string): Run {
  const child = spawn(process.execPath, ["--conditions=source", "--import", "tsx", app, plan]);
  started.push(child);
  let out = "";
  let error = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (out += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (error += text));
  const closed = once(child, "close");
  return {
    child,
    out: () => out,
    error: () => error,
    said: async (line) => {
      while (!out.includes(`${line}\n`)) await Promise.race([once(child.stdout, "data"), closed]);
    },
    exit: async () => {
      await closed;
      return child.exitCode;
    },
  };
}

afterEach(() => {
  for (const child of started.splice(0)) child.kill("SIGKILL");
});

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  test(`${signal} closes the app once and ends with 0`, async () => {
    const { child, out, said, exit } = run("");
    await said("ready");
    child.kill(signal);
    // npm and the terminal both hand on a Ctrl-C: the same one, twice.
    child.kill(signal);
    expect(await exit()).toBe(0);
    expect(out()).toBe("ready\nclosing\nclosed\n");
  });
}

test("a second signal ends a close that hangs, with 1", async () => {
  const { child, out, said, exit } = run("slow-close");
  await said("ready");
  child.kill("SIGTERM");
  await said("closing");
  await sleep(600);
  child.kill("SIGINT");
  expect(await exit()).toBe(1);
  expect(out()).not.toContain("closed");
});

test("a signal during the start ends it with 0 and without a complaint", async () => {
  const { child, error, said, exit } = run("slow-start");
  await said("starting");
  child.kill("SIGTERM");
  expect(await exit()).toBe(0);
  expect(error()).toBe("");
});

test("an unhandled rejection is told, closes the app and ends with 1", async () => {
  const { out, error, exit } = run("throws");
  expect(await exit()).toBe(1);
  expect(error()).toMatch(/unhandled rejection: Error: stray\n\s+at /);
  expect(out()).toContain("closed");
});

test("settings that are wrong are listed without a stack", async () => {
  const { error, exit } = run("bad-env");
  expect(await exit()).toBe(1);
  expect(error()).toContain('PORT: must be an integer (got "abc")');
  expect(error()).not.toMatch(/\n\s+at /);
});

test("a start that fails ends with 1 and tells why, down to the cause", async () => {
  const { error, exit } = run("bad-start");
  expect(await exit()).toBe(1);
  expect(error()).toContain("fixture: could not start: Error: no database");
  expect(error()).toContain("caused by Error: refused");
});

test("a close that fails ends with 1", async () => {
  const { child, error, said, exit } = run("bad-close");
  await said("ready");
  child.kill("SIGTERM");
  expect(await exit()).toBe(1);
  expect(error()).toContain("close failed: Error: will not");
});
