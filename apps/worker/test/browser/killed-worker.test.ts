import { once } from "node:events";
import { expect, it } from "vitest";
import { chromiumPath } from "./chromium.ts";
import { fleetOptions, processesNaming, temporaryFleet, temporarySessions, until } from "./fleet-harness.ts";
import { nodeProcess } from "./node-process.ts";

it("a worker killed by SIGKILL leaves no browser behind, and the next one can open the profile", async () => {
  await using sessions = await temporarySessions();
  await using started = nodeProcess("worker-process.ts", import.meta.url, [chromiumPath(), sessions.dir]);
  const worker = started.child;
  await once(worker.stdout, "data");
  const browsers = (await processesNaming(sessions.dir)).filter(({ pid }) => pid !== worker.pid);
  expect(browsers.length).toBeGreaterThan(2);

  worker.kill("SIGKILL");
  await once(worker, "exit");
  await until(async () => (await processesNaming(sessions.dir)).length === 0);

  await using holder = await temporaryFleet(fleetOptions(chromiumPath(), sessions.dir));
  const context = await holder.fleet.open(1, new AbortController().signal);
  expect(await context.page.evaluate("1 + 1")).toBe(2);
});
