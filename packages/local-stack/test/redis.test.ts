import { mkdtemp, symlink } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readStackEnv, startRedis } from "@pregonero/local-stack";
import { redis } from "./redis-cli.ts";
import { closing, isRunning, tempDir } from "./temp-dir.ts";

test("Redis takes commands with its password, and none without", async () => {
  const server = closing(await startRedis({ dataDir: await tempDir() }));
  expect(await redis(server.url, "SET greeting hola", "GET greeting")).toContain("$4\r\nhola\r\n");
  const wrong = new URL(server.url);
  wrong.password = "guess";
  expect(await redis(wrong.href, "GET greeting")).toContain("NOAUTH");
});

test("keys are never thrown out to make room", async () => {
  const server = closing(await startRedis({ dataDir: await tempDir() }));
  expect(await redis(server.url, "CONFIG GET maxmemory-policy")).toContain("noeviction");
});

test("data is there after a restart when it is persistent, and only then", async () => {
  const dataDir = await tempDir();
  for (const persistent of [true, false]) {
    const first = closing(await startRedis({ dataDir: join(dataDir, String(persistent)), persistent }));
    await redis(first.url, "SET n 7");
    await first.close();
    expect(isRunning(first.pid)).toBe(false);
    const second = closing(await startRedis({ dataDir: join(dataDir, String(persistent)), persistent }));
    expect(await redis(second.url, "EXISTS n")).toContain(persistent ? ":1" : ":0");
  }
});

test("a server that was killed is started again on its data", async () => {
  const dataDir = await tempDir();
  const first = closing(await startRedis({ dataDir, persistent: true }));
  await redis(first.url, "SET n 7", "WAITAOF 0 0 0", "BGREWRITEAOF");
  process.kill(first.pid, "SIGKILL");
  const second = closing(await startRedis({ dataDir, persistent: true }));
  expect(await redis(second.url, "GET n")).toContain("7");
});

test("a server that another process still runs on the folder is ended first", async () => {
  const dataDir = await tempDir();
  const first = closing(await startRedis({ dataDir, persistent: true }));
  const second = closing(await startRedis({ dataDir, persistent: true }));
  expect(isRunning(first.pid)).toBe(false);
  expect(await redis(second.url, "PING")).toContain("PONG");
});

test("without redis-server the error has the command that installs it and the setting that does without", async () => {
  const dir = await tempDir();
  const env = { ...readStackEnv({}), path: [dir] };
  await expect(startRedis({ dataDir: join(dir, "redis"), env })).rejects.toThrow(
    /redis-server is not installed[\s\S]*install[\s\S]*REDIS_URL/,
  );
});

test("REDIS_SERVER_PATH wins over the PATH, and must be a program", async () => {
  const dir = await tempDir();
  const missing = readStackEnv({ ...process.env, REDIS_SERVER_PATH: join(dir, "nothing") });
  await expect(startRedis({ dataDir: dir, env: missing })).rejects.toThrow(
    /REDIS_SERVER_PATH names .*nothing/,
  );
  const program = join(await mkdtemp(join(dir, "bin-")), "my-redis-server");
  await symlink("/usr/bin/redis-server", program);
  const env = readStackEnv({ PATH: "", REDIS_SERVER_PATH: program });
  const server = closing(await startRedis({ dataDir: dir, env }));
  expect(await redis(server.url, "PING")).toContain("PONG");
});
