import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { chromiumPath } from "./chromium.ts";
import { fleetOptions, processesNaming, temporaryFleet, temporarySessions, until } from "./fleet-harness.ts";

const entry = fileURLToPath(new URL("worker-process.ts", import.meta.url));

it("a worker killed by SIGKILL leaves no browser behind, and the next one can open the profile", async () => {
  await using sessions = await temporarySessions();
  const worker = spawn(
    process.execPath,
    ["--conditions=source", "--import", "tsx", entry, chromiumPath(), sessions.dir],
    {
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
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
