import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test, vi } from "vitest";
import { freePort, startProcess, type AppProcess, type AppProcessOptions } from "@pregonero/local-stack";
import { closing, isRunning } from "./temp-dir.ts";

const entry = new URL("./fixtures/app", import.meta.url).pathname;

async function start(plan: string, options: Partial<AppProcessOptions> = {}): Promise<AppProcess> {
  const { env, ...rest } = options;
  const all = { name: "app", entry, ready: { line: /^ready$/ }, env: { PLAN: plan, ...env }, ...rest };
  return closing(await startProcess(all));
}

test("the pid is that of the app itself, and a signal to it reaches the app", async () => {
  const app = await start("");
  expect(app.output()).toContain(`hello from ${app.pid}\n`);
  app.kill("SIGKILL");
  expect(await app.exited).toEqual({ code: null, signal: "SIGKILL" });
});

test("closing asks first", async () => {
  const app = await start("");
  expect(await app.close()).toEqual({ code: 0, signal: null });
  expect(app.output()).toContain("told to end");
});

test("closing insists when asking does not help", async () => {
  const app = await start("stubborn");
  expect(await app.close(100)).toEqual({ code: null, signal: "SIGKILL" });
  expect(app.output()).toContain("told to end");
});

test("ready can be a URL that answers", async () => {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/`;
  await start("serves", { ready: { url }, env: { PORT: String(port) } });
  expect(await (await fetch(url)).text()).toBe("ok");
});

test.each([{ line: /^ready$/ }, { url: "http://127.0.0.1:9/" }])(
  "an app that ends while starting is told with its last words (%o)",
  async (ready) => {
    await expect(start("fails", { ready })).rejects.toThrow(
      /app ended with code 3 while starting:[\s\S]*no database/,
    );
  },
);

test.each([{ line: /^ready$/ }, { url: "http://127.0.0.1:9/" }])(
  "an app that is not ready in time is ended (%o)",
  async (ready) => {
    const said: string[] = [];
    const log = (line: string): void => void said.push(line);
    await expect(start("silent", { ready, timeoutMs: 1_500, log })).rejects.toThrow(/within 1500 ms/);
    const pid = Number(/hello from (\d+)/.exec(said.join("\n"))?.[1]);
    expect(pid).toBeGreaterThan(0);
    expect(isRunning(pid)).toBe(false);
  },
);

// The kernel's help that this needs is Linux's.
test.runIf(process.platform === "linux")("the app ends when its parent is killed", async () => {
  const fixture = new URL("./fixtures/start-app.ts", import.meta.url).pathname;
  const parent = spawn(process.execPath, ["--conditions=source", "--import", "tsx", fixture, entry]);
  const [line]: unknown[] = await once(parent.stdout.setEncoding("utf8"), "data");
  const pid = Number(line);
  expect(isRunning(pid)).toBe(true);
  parent.kill("SIGKILL");
  await vi.waitFor(() => expect(isRunning(pid)).toBe(false), { timeout: 5_000 });
});
