import { expect, test } from "vitest";
import { Closer, type Logger } from "@pregonero/runtime";

function recorder(): { logger: Logger; warnings: unknown[] } {
  const warnings: unknown[] = [];
  const ignore = (): void => undefined;
  const logger: Logger = {
    debug: ignore,
    info: ignore,
    error: ignore,
    warn: (_msg, meta) => warnings.push(meta?.["what"]),
    child: () => logger,
  };
  return { logger, warnings };
}

test("things are closed one after the other, the last opened first", async () => {
  const order: string[] = [];
  const closer = new Closer();
  closer.add("database", () => order.push("database"));
  closer.add("server", async () => {
    order.push("server begins");
    await new Promise((resolve) => setImmediate(resolve));
    order.push("server ends");
  });
  await closer.close();
  expect(order).toEqual(["server begins", "server ends", "database"]);
});

test("a failure and a hang are logged and keep nothing else open", async () => {
  const { logger, warnings } = recorder();
  const closer = new Closer({ logger, timeoutMs: 10 });
  let closed = false;
  closer.add("database", () => (closed = true));
  closer.add("throws", () => {
    throw new Error("no");
  });
  closer.add("hangs", () => new Promise(() => undefined));
  closer.add("hangs longer", () => new Promise(() => undefined), { timeoutMs: 20 });
  await closer.close();
  expect(closed).toBe(true);
  expect(warnings).toEqual(["hangs longer", "hangs", "throws"]);
});

test("closing twice closes once", async () => {
  let times = 0;
  const closer = new Closer();
  closer.add("thing", () => (times += 1));
  const first = closer.close();
  expect(closer.close()).toBe(first);
  await first;
  expect(times).toBe(1);
});

test("what is added while closing, or after, is closed as well", async () => {
  const closed: string[] = [];
  const closer = new Closer();
  closer.add("opens another", () => closer.add("added while closing", () => closed.push("while")));
  await closer.close();
  expect(closed).toEqual(["while"]);
  closer.add("added after closing", () => closed.push("after"));
  await closer.close();
  expect(closed).toEqual(["while", "after"]);
});

test("disposing of it closes", async () => {
  let closed = false;
  const closer = new Closer();
  closer.add("thing", () => (closed = true));
  await closer[Symbol.asyncDispose]();
  expect(closed).toBe(true);
});
