import { expect, onTestFinished, test, vi } from "vitest";
import { KeptProcess } from "../src/stack/kept-process.ts";
import { processesOf } from "./support/left-behind.ts";

const entry = new URL("./fixtures/app", import.meta.url).pathname;

interface Seen {
  readonly kept: KeptProcess;
  readonly restarts: string[];
  readonly hopeless: Error[];
  readonly pids: () => Promise<number[]>;
}

async function keep(plan: string): Promise<Seen> {
  const restarts: string[] = [];
  const hopeless: Error[] = [];
  const mark = `kept-${crypto.randomUUID()}`;
  const kept = await KeptProcess.start({
    app: { name: "app", entry, env: { PLAN: plan, MARK: mark }, ready: { line: /^ready$/ } },
    graceMs: 5_000,
    restarting: (text) => restarts.push(text),
    hopeless: (error) => hopeless.push(error),
  });
  onTestFinished(() => kept.close());
  const pids = async () => (await processesOf(mark)).map((line) => Number.parseInt(line, 10));
  return { kept, restarts, hopeless, pids };
}

test("a process that was killed is started again, and closing it is the end of it", async () => {
  const { kept, restarts, hopeless, pids } = await keep("");
  const [before = 0] = await pids();
  process.kill(before, "SIGKILL");
  await vi.waitFor(() => expect(restarts).toEqual(["app was ended by SIGKILL; starting it again"]));
  await vi.waitFor(async () => expect(await pids()).toEqual([expect.any(Number)]), { timeout: 10_000 });
  expect(await pids()).not.toEqual([before]);
  await kept.close();
  expect(await pids()).toEqual([]);
  expect(restarts).toHaveLength(1);
  expect(hopeless).toEqual([]);
});

test("a process that ends again and again is given up", { timeout: 60_000 }, async () => {
  const { restarts, hopeless, pids } = await keep("short");
  await vi.waitFor(() => expect(hopeless).toHaveLength(1), { timeout: 50_000 });
  expect(hopeless[0]?.message).toBe("app ended with code 0, again and again");
  expect(restarts).toHaveLength(5);
  expect(await pids()).toEqual([]);
});

test("a process that does not get ready is told with its last words", async () => {
  await expect(keep("fails")).rejects.toThrow(/app ended with code 3 while starting:[\s\S]*no database/);
});
