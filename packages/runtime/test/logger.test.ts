import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createLogger, maskPhone, redactText, type LogMeta, type RootLogger } from "@pregonero/runtime";

let dir: string;
let logger: RootLogger;
let lines: string[];

function open(options: { level?: "debug" | "warn"; file?: string; pretty?: boolean } = {}): RootLogger {
  lines = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      lines.push(...String(chunk).trimEnd().split("\n"));
      done();
    },
  });
  logger = createLogger({ service: "api", stream, ...options });
  return logger;
}

async function entry(msg: string, meta: LogMeta): Promise<Record<string, unknown>> {
  open().info(msg, meta);
  await logger.close();
  const parsed: Record<string, unknown> = JSON.parse(lines[0] ?? "");
  return parsed;
}

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "pregonero-log-"));
});

afterEach(async () => {
  await logger.close();
  await rm(dir, { recursive: true, force: true });
});

describe("lines", () => {
  test("hold time, level, service, msg and the fields, a child's included", async () => {
    open().child({ worker: "w1" }).child({ device: 7 }).warn("lease lost", { epoch: 3 });
    await logger.close();
    const parsed: unknown = JSON.parse(lines[0] ?? "");
    const time: unknown = expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/);
    expect(parsed).toEqual({
      time,
      level: "warn",
      service: "api",
      msg: "lease lost",
      worker: "w1",
      device: 7,
      epoch: 3,
    });
  });

  test("below the level are not written", async () => {
    open({ level: "warn" }).info("quiet");
    logger.error("loud");
    await logger.close();
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain("loud");
  });

  test("cannot have their own fields overwritten", async () => {
    expect(await entry("real", { msg: "false", level: "debug" })).toMatchObject({
      msg: "real",
      level: "info",
      msg_: "false",
    });
  });

  test("are readable when asked for, with the stack on lines of its own", async () => {
    open({ pretty: true }).error("it broke", { error: new Error("why"), device: 7 });
    await logger.close();
    expect(lines[0]).toMatch(/^\d\d:\d\d:\d\d\.\d{3} error api it broke/);
    expect(lines.join("\n")).toMatch(/error: Error: why\n\s+at /);
  });

  test("are all in the file once the logger is closed", async () => {
    const file = join(dir, "logs", "app.log");
    open({ file });
    for (let n = 0; n < 5_000; n += 1) logger.info("line", { n });
    await logger.close();
    const written = (await readFile(file, "utf8")).trimEnd().split("\n");
    expect(written).toHaveLength(5_000);
    expect(JSON.parse(written.at(-1) ?? "")).toMatchObject({ n: 4_999 });
  });

  test("a file that cannot be written does not take the process down", async () => {
    open({ file: join(dir, "app.log", "below-a-file.log") });
    await writeFile(join(dir, "app.log"), "");
    logger.info("still on the console");
    await logger.close();
    expect(lines.join("\n")).toContain("still on the console");
  });
});

describe("errors", () => {
  test("are written with stack, code and cause", async () => {
    const cause = Object.assign(new Error("refused"), { code: "ECONNREFUSED" });
    const logged = await entry("failed", { error: new Error("no database", { cause }) });
    expect(logged["error"]).toMatchObject({
      name: "Error",
      message: "no database",
      cause: { code: "ECONNREFUSED" },
    });
    expect(JSON.stringify(logged["error"])).toContain("logger.test.ts");
  });
});

describe("the safety net", () => {
  test("masks numbers under the names that hold them, wherever they are", async () => {
    const logged = await entry("sent", {
      to: "+34600123678",
      job: { phones: ["34600123678", "+1 (555) 010-9999"], recipient: 34600123678 },
      chatId: "34600123678@c.us",
    });
    expect(logged).toMatchObject({
      to: "+34*****678",
      job: { phones: ["34*****678", "+15*****999"], recipient: "34*****678" },
      chatId: "34*****678@c.us",
    });
  });

  test("masks what can only be a number in messages and errors, and leaves ids alone", async () => {
    const id = "01890000-1234-7123-8123-123456789012";
    const logged = await entry(`no chat with 34600123678@c.us in job ${id}`, {
      error: new Error("+34600123678 is not a user"),
    });
    expect(JSON.stringify(logged)).not.toContain("34600123678");
    expect(logged["msg"]).toBe(`no chat with 34*****678@c.us in job ${id}`);
  });

  test("leaves texts and secrets out", async () => {
    const meta = {
      text: "hola",
      body: "hola",
      message_text: "hola",
      variables: { name: "Ana" },
      nested: { token: "t0k3n" },
    };
    const logged = await entry("planned", {
      ...meta,
      credentials: { key: "s" },
      Authorization: "Bearer t0k3n",
      count: 1,
    });
    expect(Object.keys(logged).sort()).toEqual(["count", "level", "msg", "nested", "service", "time"]);
    expect(logged["nested"]).toEqual({});
  });

  test("hides passwords in addresses", () => {
    expect(redactText("cannot reach redis://:s3cret@cache:6379/0")).toBe(
      "cannot reach redis://***@cache:6379/0",
    );
    expect(redactText("postgresql://app:s3cret@db/x and https://example.com/a@b:c")).toBe(
      "postgresql://***@db/x and https://example.com/a@b:c",
    );
  });

  test("masks all of a number that is too short to keep its ends", () => {
    expect(maskPhone("1234567")).toBe("*****");
  });

  test("survives what JSON cannot hold", async () => {
    const loop: Record<string, unknown> = { big: 12n, when: new Date(Number.NaN), bytes: Buffer.from("abc") };
    loop["self"] = loop;
    const logged = await entry("odd", { loop, tags: new Set(["a"]), byId: new Map([["x", 1]]) });
    expect(logged).toMatchObject({
      loop: { big: "12", when: "invalid date", bytes: "[3 bytes]", self: "[circular]" },
      tags: ["a"],
      byId: { x: 1 },
    });
  });
});
