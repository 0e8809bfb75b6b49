import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { startPostgres, type PostgresServer } from "@pregonero/local-stack";
import { sql } from "./sql.ts";
import { closing, isRunning, tempDir } from "./temp-dir.ts";

let made: string;

// What initdb does takes longer than everything else here: the tests that are about something else start from a copy.
beforeAll(async () => {
  made = join(await mkdtemp(join(tmpdir(), "pregonero-made-")), "postgres");
  await (await startPostgres({ dataDir: made, durable: false })).close();
});

afterAll(() => rm(dirname(made), { recursive: true, force: true }));

async function existing(): Promise<string> {
  const dataDir = join(await tempDir(), "postgres");
  await promisify(execFile)("cp", ["-a", made, dataDir]);
  return dataDir;
}

const start = async (dataDir: string): Promise<PostgresServer> =>
  closing(await startPostgres({ dataDir, durable: false }));

test("a new folder becomes a database called pregonero, on the loopback address only", async () => {
  const dataDir = join(await tempDir(), "a folder", "postgres");
  const server = await start(dataDir);
  expect(await sql(server.url, "SELECT current_database(), getdatabaseencoding()")).toEqual([
    ["pregonero", "UTF8"],
  ]);
  expect(await sql(server.url, "SHOW listen_addresses")).toEqual([["127.0.0.1"]]);
  expect(await sql(server.url, "SHOW unix_socket_directories")).toEqual([[""]]);
  expect(await sql(server.url, "SHOW max_connections")).toEqual([["200"]]);
});

test("a wrong password is refused", async () => {
  const server = await start(await existing());
  const wrong = new URL(server.url);
  wrong.password = "guess";
  await expect(sql(wrong.href, "SELECT 1")).rejects.toThrow(/password authentication failed/);
});

test("fsync is on unless it is turned off", async () => {
  const dataDir = await existing();
  const durable = closing(await startPostgres({ dataDir }));
  expect(await sql(durable.url, "SHOW fsync")).toEqual([["on"]]);
  await durable.close();
  const fast = await start(dataDir);
  expect(await sql(fast.url, "SHOW fsync")).toEqual([["off"]]);
});

test("data is there after a restart", async () => {
  const dataDir = await existing();
  const first = await start(dataDir);
  await sql(first.url, "CREATE TABLE kept AS SELECT 7 AS n");
  await first.close();
  expect(isRunning(first.pid)).toBe(false);
  const second = await start(dataDir);
  expect(await sql(second.url, "SELECT n FROM kept")).toEqual([[7]]);
});

test("a database that was dropped is made again", async () => {
  const dataDir = await existing();
  const first = await start(dataDir);
  const admin = new URL(first.url);
  admin.pathname = "/postgres";
  await sql(admin.href, "DROP DATABASE pregonero");
  await first.close();
  const second = await start(dataDir);
  expect(await sql(second.url, "SELECT current_database()")).toEqual([["pregonero"]]);
});

test("what was committed is there after the server was killed", async () => {
  const dataDir = await existing();
  const first = closing(await startPostgres({ dataDir }));
  await sql(first.url, "CREATE TABLE kept AS SELECT 7 AS n");
  // A client that is in the middle of something: its backend holds on to the shared memory for a moment.
  const busy = sql(first.url, "SELECT pg_sleep(60)").catch(() => "cut off");
  await vi.waitFor(async () => {
    const active =
      "SELECT 1 FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)' AND state = 'active' AND pid <> pg_backend_pid()";
    expect(await sql(first.url, active)).toHaveLength(1);
  });
  process.kill(first.pid, "SIGKILL");
  const second = await start(dataDir);
  expect(await busy).toBe("cut off");
  expect(await sql(second.url, "SELECT n FROM kept")).toEqual([[7]]);
});

test("a server left behind by a process that was killed is ended, not run beside", async () => {
  const dataDir = await existing();
  const fixture = new URL("./fixtures/start-postgres.ts", import.meta.url).pathname;
  const parent = spawn(process.execPath, ["--conditions=source", "--import", "tsx", fixture, dataDir]);
  const [line]: unknown[] = await once(parent.stdout.setEncoding("utf8"), "data");
  const orphan = Number(line);
  expect(isRunning(orphan)).toBe(true);
  parent.kill("SIGKILL");
  const server = await start(dataDir);
  expect(isRunning(orphan)).toBe(false);
  expect(await sql(server.url, "SELECT 1")).toEqual([[1]]);
});

test("a pid file whose process id is somebody else's by now is in nobody's way", async () => {
  const dataDir = await existing();
  const first = await start(dataDir);
  await first.close();
  await writeFile(join(dataDir, "postmaster.pid"), `${process.pid}\n${dataDir}\n`);
  const second = await start(dataDir);
  expect(await sql(second.url, "SELECT 1")).toEqual([[1]]);
});

test("a port that is taken is told in the server's own words", async () => {
  const first = await start(await existing());
  const second = startPostgres({ dataDir: await existing(), port: first.port, durable: false });
  await expect(second).rejects.toThrow(/could not bind IPv4 address "127.0.0.1"/);
});

test("a first start that fails leaves nothing half made", async () => {
  const dir = await tempDir();
  await mkdir(join(dir, "postgres"));
  await writeFile(join(dir, "postgres", "something.txt"), "not Postgres's");
  await expect(startPostgres({ dataDir: join(dir, "postgres") })).rejects.toThrow();
  expect(await readFile(join(dir, "postgres", "something.txt"), "utf8")).toBe("not Postgres's");
  await expect(stat(join(dir, "postgres", "PG_VERSION"))).rejects.toThrow(/ENOENT/);
});
