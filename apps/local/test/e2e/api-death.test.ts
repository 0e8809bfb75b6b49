import { expect, test } from "vitest";
import { Platform, until } from "./support/platform.ts";
import { numbers } from "./support/recipients.ts";

test(
  "kill -9 of the API right after its 202: every message is sent all the same, and a new API knows it",
  { timeout: 150_000 },
  async () => {
    await using platform = await Platform.start({ workers: 1, devices: 1 });
    const { client, sandbox } = platform;
    const phones = numbers(60);
    const { job } = await client.bulk.send({ message: "Hola", phones });
    platform.api.kill("SIGKILL");
    await platform.api.exited;

    await until(async () => (await sandbox.arrivals()).length === 60, 30_000);
    await platform.startApi();
    await until(async () => (await client.bulk.get(job.id)).status === "completed", 15_000);
    expect((await client.bulk.get(job.id)).results).toMatchObject({ sent: 60, failed: 0, total: 60 });
    expect([...(await platform.arrivals()).keys()].sort()).toEqual(phones);
    expect((await sandbox.arrivals()).length).toBe(60);
  },
);
