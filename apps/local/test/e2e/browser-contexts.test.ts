import { afterAll, beforeAll, expect, test } from "vitest";
import { Platform, until } from "./support/platform.ts";

let platform: Platform;

beforeAll(async () => {
  platform = await Platform.start({ workers: 1, devices: 1 });
}, 120_000);

afterAll(async () => {
  await platform[Symbol.asyncDispose]();
}, 60_000);

const contextIs = (deviceId: number, status: string): Promise<void> =>
  until(async () => (await platform.client.browserContexts.get(deviceId)).status === status, 30_000);

const sent = (jobId: string, figures: object): Promise<void> =>
  until(async () => {
    const { status, progress } = await platform.client.jobs.get(jobId);
    if (status !== "completed") return false;
    expect(progress).toMatchObject(figures);
    return true;
  }, 20_000);

test(
  "a context is created, shows a QR, is linked, sends, and is available again after a send and after an error",
  { timeout: 120_000 },
  async () => {
    const { client, sandbox } = platform;
    const device = await client.devices.create({ name: "second", url: sandbox.url });
    // Null while a worker has yet to open it.
    const created = await client.browserContexts.create(device.id);
    expect(created ?? { device_id: device.id }).toMatchObject({ device_id: device.id });
    await until(async () => (await client.devices.get(device.id)).state === "qr", 30_000);
    expect(await client.browserContexts.get(device.id)).toMatchObject({
      device_id: device.id,
      status: "disconnected",
    });
    const qr = await client.devices.qr(device.id);
    expect(qr.svg).toContain("<svg");
    expect(await sandbox.scan(qr.code, "34555720001")).toBe(true);
    await contextIs(device.id, "available");
    expect(await client.devices.get(device.id)).toMatchObject({ state: "connected", phone: "34555720001" });

    const good = await client.messages.send({
      device: "second",
      to: "+34 555 40 00 01",
      message: "Hola",
      metadata: { priority: "high" },
    });
    await sent(good.job_id, { sent: 1, failed: 0 });
    await contextIs(device.id, "available");
    const bad = await client.messages.send({ device_id: device.id, to: "34555410000", message: "Hola" });
    await sent(bad.job_id, { sent: 0, failed: 1 });
    await contextIs(device.id, "available");

    const bulk = await client.messages.sendBulk({
      device_id: device.id,
      delay: 50,
      messages: [
        { to: "34555400002", message: "uno" },
        { to: "34555400003", message: "dos" },
      ],
    });
    expect(bulk.total).toBe(2);
    await sent(bulk.job_id, { sent: 2, failed: 0 });
    const arrived = (await sandbox.arrivals()).filter(({ from_account: from }) => from === "34555720001");
    expect(arrived.map(({ to, text }) => [to, text])).toEqual([
      ["34555400001", "Hola"],
      ["34555400002", "uno"],
      ["34555400003", "dos"],
    ]);
    // Of the ids of contexts nothing may get out.
    expect(Object.keys(await client.browserContexts.get(device.id))).not.toContain("browser_system_id");
  },
);

test("a context is busy while it sends, and its status shows it", { timeout: 60_000 }, async () => {
  const { client, sandbox, devices } = platform;
  const [device] = devices;
  if (!device) throw new Error("no device");
  await sandbox.delay(200, 200);
  const job = await client.messages.sendBulk({
    device_id: device.id,
    messages: Array.from({ length: 15 }, (_, n) => ({ to: String(34_555_420_001 + n), message: "Hola" })),
  });
  await contextIs(device.id, "busy");
  await sent(job.job_id, { sent: 15 });
  await contextIs(device.id, "available");
  await sandbox.delay(0, 0);
});

test("an admin restarts and closes a context; the session outlives both", { timeout: 90_000 }, async () => {
  const { client, devices } = platform;
  const [device] = devices;
  if (!device) throw new Error("no device");
  await client.browserContexts.restart(device.id);
  await contextIs(device.id, "available");
  expect(await client.devices.get(device.id)).toMatchObject({ state: "connected", linked: true });

  await client.browserContexts.close(device.id);
  await contextIs(device.id, "closed");
  await client.browserContexts.create(device.id);
  await contextIs(device.id, "available");
  const send = await client.messages.send({ device_id: device.id, to: "34555400009", message: "Hola" });
  await sent(send.job_id, { sent: 1 });

  const queues = await client.queues.get();
  expect(queues.queues.map(({ device_id }) => device_id)).toContain(device.id);
  expect(await client.queues.clean(0)).toMatchObject({ removed: expect.any(Number) });
});
