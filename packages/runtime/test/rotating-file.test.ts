import { once } from "node:events";
import { mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { RotatingFile } from "../src/rotating-file.ts";

let dir: string;
let file: RotatingFile;
let errors: unknown[];

function open(path: string): RotatingFile {
  errors = [];
  const onError = (error: unknown): void => void errors.push(error);
  file = new RotatingFile({ file: path, maxBytes: 100, maxFiles: 5, onError });
  return file;
}

async function close(): Promise<void> {
  if (file.closed) return;
  await once(file.end(), "close");
}

const write = (line: string): Promise<void> =>
  new Promise((resolve, reject) => file.write(`${line}\n`, (error) => (error ? reject(error) : resolve())));

async function linesOf(name: string): Promise<string[]> {
  return (await readFile(join(dir, name), "utf8")).trimEnd().split("\n");
}

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "pregonero-file-"));
});

afterEach(async () => {
  await close();
  await rm(dir, { recursive: true, force: true });
});

test("a full file is put aside without losing a line, in bursts as well as one by one", async () => {
  open(join(dir, "app.log"));
  for (let n = 1000; n < 1050; n += 1) file.write(`${n}\n`);
  for (let n = 1050; n < 1070; n += 1) await write(String(n));
  await close();
  // 20 lines of 5 bytes fill a file.
  expect((await readdir(dir)).sort()).toEqual(["app.1.log", "app.2.log", "app.3.log", "app.log"]);
  const all = await Promise.all(["app.3.log", "app.2.log", "app.1.log", "app.log"].map(linesOf));
  expect(all.map((lines) => lines.length)).toEqual([20, 20, 20, 10]);
  expect(all.flat()).toEqual(Array.from({ length: 70 }, (_, index) => String(1000 + index)));
});

test("the oldest files go when there are enough", async () => {
  open(join(dir, "app.log"));
  for (let n = 1000; n < 1210; n += 1) file.write(`${n}\n`);
  await close();
  expect((await readdir(dir)).sort()).toEqual([
    "app.1.log",
    "app.2.log",
    "app.3.log",
    "app.4.log",
    "app.log",
  ]);
  expect((await linesOf("app.4.log"))[0]).toBe("1120");
  expect((await linesOf("app.log")).at(-1)).toBe("1209");
});

test("what an earlier process wrote is kept and counted", async () => {
  await writeFile(join(dir, "app.log"), `${"x".repeat(98)}\n`);
  open(join(dir, "app.log"));
  await write("a");
  await write("b");
  await close();
  expect(await linesOf("app.1.log")).toEqual(["x".repeat(98), "a"]);
  expect(await linesOf("app.log")).toEqual(["b"]);
});

test("a file that cannot be written is told of once, and tried again", async () => {
  const parent = join(dir, "logs");
  await writeFile(parent, "not a folder");
  open(join(parent, "app.log"));
  await write("lost");
  await write("lost too");
  expect(errors).toHaveLength(1);
  await rm(parent);
  await write("kept");
  expect(await linesOf("logs/app.log")).toEqual(["kept"]);
});
