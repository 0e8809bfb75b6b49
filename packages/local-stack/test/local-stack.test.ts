import { readFile, readdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, inject, test } from "vitest";
import {
  openLocalStack,
  readStackEnv,
  stackOwner,
  type LocalStack,
  type StackEnv,
} from "@pregonero/local-stack";
import { redis } from "./redis-cli.ts";
import { sql } from "./sql.ts";
import { closing, isRunning, tempDir } from "./temp-dir.ts";

const ownServers: StackEnv = { ...readStackEnv(), databaseUrl: undefined, redisUrl: undefined };

// With all servers elsewhere a stack is its lock and nothing else.
const configured: StackEnv = {
  ...ownServers,
  databaseUrl: inject("databaseAdminUrl"),
  redisUrl: inject("redisUrl"),
};

const open = async (dir: string, env = ownServers): Promise<LocalStack> =>
  closing(await openLocalStack({ dir, durable: false, env }));

async function pidIn(file: string): Promise<number> {
  return Number.parseInt(await readFile(file, "utf8"), 10);
}

test("one call opens everything and one call ends it", async () => {
  const dir = await tempDir();
  const stack = await open(dir);
  expect(await sql(stack.databaseUrl, "SELECT 1")).toEqual([[1]]);
  expect(await redis(stack.redisUrl, "PING")).toContain("PONG");
  expect((await stat(stack.chromiumPath)).isFile()).toBe(true);
  const pids = [
    await pidIn(join(dir, "postgres", "postmaster.pid")),
    await pidIn(join(dir, "redis", "redis.pid")),
  ];
  expect(pids.map(isRunning)).toEqual([true, true]);
  await stack.close();
  expect(pids.map(isRunning)).toEqual([false, false]);
  expect((await readdir(dir)).sort()).toEqual(["postgres", "redis"]);
});

test("a folder in use is refused, and free again when it is closed", async () => {
  const dir = await tempDir();
  const first = await open(dir, configured);
  await expect(open(dir, configured)).rejects.toThrow(`${dir} is in use by process ${process.pid}`);
  await first.close();
  await open(dir, configured);
});

test("others can find what runs on a folder, for as long as it does", async () => {
  const dir = await tempDir();
  expect(await stackOwner(dir)).toBeUndefined();
  const stack = await open(dir, configured);
  const { databaseUrl, redisUrl } = configured;
  expect(await stackOwner(dir)).toMatchObject({ pid: process.pid, databaseUrl, redisUrl });
  expect((await stat(join(dir, "stack.lock"))).mode & 0o077).toBe(0);
  await stack.close();
  expect(await stackOwner(dir)).toBeUndefined();
});

test.each([
  ["of a process that is gone", { pid: 2 ** 22 + 1, began: "1" }],
  ["of a process id that is another's by now", { pid: process.pid, began: "1" }],
  ["that makes no sense", "torn"],
])("a lock %s is taken over", async (_, content) => {
  const dir = await tempDir();
  await writeFile(join(dir, "stack.lock"), JSON.stringify(content));
  await open(dir, configured);
  expect((await stackOwner(dir))?.databaseUrl).toBe(configured.databaseUrl);
});

test("of several that find a stale lock at once, one gets the folder", async () => {
  const dir = await tempDir();
  await writeFile(join(dir, "stack.lock"), JSON.stringify({ pid: 2 ** 22 + 1, began: "1" }));
  const tries = await Promise.allSettled(Array.from({ length: 8 }, () => open(dir, configured)));
  expect(tries.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
});

test("servers that are configured are used and none is started", async () => {
  const dir = await tempDir();
  const stack = await open(dir, configured);
  expect(stack).toMatchObject({ databaseUrl: configured.databaseUrl, redisUrl: configured.redisUrl });
  expect(await readdir(dir)).toEqual(["stack.lock"]);
  await stack.close();
  expect(await sql(stack.databaseUrl, "SELECT 1")).toEqual([[1]]);
  expect(await redis(stack.redisUrl, "PING")).toContain("PONG");
});

test("when one thing cannot be started, what was started before it is ended", async () => {
  const dir = await tempDir();
  const env = { ...ownServers, redisServerPath: join(dir, "none") };
  await expect(open(dir, env)).rejects.toThrow(/REDIS_SERVER_PATH/);
  expect(await readdir(dir)).toEqual(["postgres"]);
  await expect(stat(join(dir, "postgres", "postmaster.pid"))).rejects.toThrow(/ENOENT/);
});
