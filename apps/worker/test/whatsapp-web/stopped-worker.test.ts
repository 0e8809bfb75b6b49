import { once } from "node:events";
import { createInterface } from "node:readline";
import { expect, it } from "vitest";
import { chromiumPath } from "../browser/chromium.ts";
import { temporarySessions, until } from "../browser/fleet-harness.ts";
import { nodeProcess } from "../browser/node-process.ts";
import { freshId, freshPhone } from "./channel-harness.ts";
import { Sandbox } from "./sandbox.ts";

it("a worker that is stopped in the middle of a send does not send after its deadline, though its browser runs on", async () => {
  await using sandbox = await Sandbox.start();
  await using sessions = await temporarySessions();
  const phone = freshPhone();
  await using started = nodeProcess("stopped-worker-process.ts", import.meta.url, [
    chromiumPath(),
    sessions.dir,
    sandbox.url,
  ]);
  const worker = started.child;
  const said: string[] = [];
  createInterface({ input: worker.stdout }).on("line", (line) => said.push(line));
  await until(() => said.some((line) => line.startsWith("qr ")));
  await sandbox.scan(said.at(-1)?.slice(3) ?? "", phone);
  await until(() => said.includes("connected"));

  // The page is held up until after the deadline, and the worker with it.
  const hangMs = 1_000;
  const to = freshPhone();
  worker.stdin.write(`${to} ${freshId()} 400 ${hangMs}\n`);
  await until(() => said.includes("sending"));
  worker.kill("SIGSTOP");
  // That nothing happens can only be seen by giving it the time to happen.
  await new Promise((resolve) => setTimeout(resolve, hangMs + 500));
  expect(await sandbox.arrivals(to)).toEqual([]);

  worker.kill("SIGCONT");
  await until(() => said.at(-1)?.startsWith("{") === true);
  expect(JSON.parse(said.at(-1) ?? "")).toMatchObject({ kind: "refused", failure: { code: "not_started" } });
  // And with time it sends.
  worker.stdin.write(`${to} ${freshId()} 10000 0\n`);
  await until(() => said.filter((line) => line.startsWith("{")).length === 2);
  expect(JSON.parse(said.at(-1) ?? "")).toMatchObject({ kind: "sent" });
  expect(await sandbox.arrivals(to)).toHaveLength(1);

  worker.stdin.end();
  expect(await once(worker, "exit")).toEqual([0, null]);
});
