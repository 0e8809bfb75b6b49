import { cp, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { pageServer, processesNaming, until } from "../browser/fleet-harness.ts";
import { connectedDevice, freshPhone, link, newDevice, outgoing } from "./channel-harness.ts";
import { Sandbox } from "./sandbox.ts";

const { signal } = new AbortController();
let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await Sandbox.start({ SANDBOX_QR_ROTATE_MS: "1000" });
});
afterAll(() => sandbox[Symbol.asyncDispose]());

it("shows QRs for as long as it takes, is connected once one is scanned, and asks no other host", async () => {
  await using device = await newDevice(sandbox);
  const { channel, phone, heard } = device;
  // After the second code WhatsApp waits for somebody to ask for a third one.
  await sandbox.faults({ qr_idle_after: 2 });
  await channel.connect(signal);
  expect(channel.state).toBe("qr");
  await until(() => device.codes.length === 3);
  await sandbox.control("DELETE", "/faults");
  await link(device, sandbox);
  await device.hears("identified");
  const coming = ["state connecting", "state connected", `identified ${phone}`];
  expect(heard).toEqual(["state connecting", "state qr", ...device.codes.map(() => "qr"), ...coming]);

  const message = outgoing(freshPhone(), { content: { kind: "text", text: "https://example.com/ mira" } });
  expect(await channel.send(message)).toEqual({ kind: "sent", ack: "sent" });
  await device.hears(`ack ${message.providerMessageId} read`);
  expect(await sandbox.arrivals(message.to)).toHaveLength(1);
  expect([...device.hosts]).toEqual([new URL(sandbox.url).host]);
});

it("is connected without a QR when the session is in the profile", async () => {
  await using device = await connectedDevice(sandbox);
  await device.channel.disconnect();
  device.heard.length = 0;
  await device.channel.connect(signal);
  await device.hears("identified");
  expect(device.heard).toEqual(["state connecting", "state connected", `identified ${device.phone}`]);
  await device.channel.disconnect();
  expect(device.statuses.slice(-2)).toEqual(["available", "closed"]);
});

it("can be linked with a pairing code, and not when it is linked already", async () => {
  await using device = await newDevice(sandbox);
  await device.channel.connect(signal);
  const code = await device.channel.requestPairingCode(device.phone);
  expect(code).toMatch(/^[A-Z0-9]{8}$/);
  await sandbox.control("POST", "/pair", { code, phone: device.phone });
  await until(() => device.channel.state === "connected");
  await expect(device.channel.requestPairingCode(device.phone)).rejects.toThrow("connected");
});

it("is logged out from here and from the phone, and shows a QR again each time", async () => {
  await using device = await connectedDevice(sandbox);
  device.heard.length = 0;
  await device.channel.logout();
  await until(() => device.channel.state === "qr");
  expect(device.heard[0]).toBe("state disconnected logged_out");
  expect(await sandbox.control("GET", "/sessions")).not.toContainEqual(
    expect.objectContaining({ phone: device.phone }),
  );

  await link(device, sandbox);
  device.heard.length = 0;
  await sandbox.control("POST", `/accounts/${device.phone}/logout`);
  await until(() => device.channel.state === "qr");
  expect(device.heard[0]).toBe("state disconnected logged_out: unknown_companion");
  expect(await device.channel.send(outgoing(freshPhone()))).toMatchObject({
    failure: { code: "device_disconnected" },
  });
});

it("gives way when another page takes the session, and sends nothing any more", async () => {
  await using device = await connectedDevice(sandbox);
  await using thief = await newDevice(sandbox);
  await device.channel.disconnect();
  const profile = (dir: string): string => join(dir, "device-1");
  await rm(profile(thief.sessionsDir), { recursive: true, force: true });
  await cp(profile(device.sessionsDir), profile(thief.sessionsDir), { recursive: true });
  await device.channel.connect(signal);
  await thief.channel.connect(signal);
  expect(thief.channel.state).toBe("connected");
  await device.hears("state disconnected conflict");
  expect(await device.channel.send(outgoing(freshPhone()))).toMatchObject({
    failure: { code: "device_disconnected" },
  });
});

it("passes a ban on and refuses what comes after it", async () => {
  await using device = await connectedDevice(sandbox);
  await sandbox.control("POST", `/accounts/${device.phone}/ban`, { kind: "temporary" });
  await device.hears("alert account_temporarily_banned");
  await device.hears("state disconnected account_temporarily_banned");
  expect(await device.channel.send(outgoing(freshPhone()))).toMatchObject({
    kind: "refused",
    failure: { code: "device_banned" },
  });
});

it("tells when WhatsApp is out of reach and when it is back", async () => {
  await using device = await connectedDevice(sandbox);
  await sandbox.faults({ refuse_connections: true });
  await device.hears("state disconnected offline");
  expect(await device.channel.send(outgoing(freshPhone()))).toMatchObject({
    failure: { code: "device_disconnected" },
  });
  await sandbox.faults({ refuse_connections: false });
  await until(() => device.channel.state === "connected");
  expect(await device.channel.send(outgoing(freshPhone()))).toMatchObject({ kind: "sent" });
});

it("a crashed page is an error, after which the session connects anew", async () => {
  await using device = await connectedDevice(sandbox);
  device.pages
    .at(-1)
    ?.goto("chrome://crash")
    .catch(() => undefined);
  await device.hears("state error page crashed");
  expect(await device.channel.send(outgoing(freshPhone()))).toMatchObject({
    failure: { code: "not_started" },
  });
  await device.channel.disconnect();
  await device.channel.connect(signal);
  expect(await device.channel.send(outgoing(freshPhone()))).toMatchObject({ kind: "sent" });
});

it("a page that hangs is found out by its missing signs of life", async () => {
  await using device = await connectedDevice(sandbox, { heartbeatMs: 50, heartbeatAnswerMs: 200 });
  device.pages
    .at(-1)
    ?.evaluate("for (;;) {}")
    .catch(() => undefined);
  await device.hears("state error the page does not answer");
});

it("a page without WhatsApp in it, or none at all, rejects and leaves nothing open", async () => {
  await using server = await pageServer();
  await using device = await newDevice(server, { readyMs: 500 });
  await expect(device.channel.connect(signal)).rejects.toThrow("not ready");
  expect(device.heard.at(-1)).toMatch(/^state error WhatsApp Web not ready/);
  expect(await processesNaming(device.sessionsDir)).toEqual([]);
  // Whoever keeps it connected closes it before the next try: the reason stays to be read meanwhile.
  await device.channel.disconnect();
  expect(device.heard.at(-1)).toMatch(/^state error WhatsApp Web not ready/);

  await using nowhere = await newDevice({ url: "http://127.0.0.1:1/" });
  await expect(nowhere.channel.connect(signal)).rejects.toThrow("ERR_");
  expect(nowhere.fleet.openSlots).toBe(2);
});

it("can be given up while it connects, by the signal or by disconnecting", async () => {
  await using server = await pageServer();
  await using device = await newDevice(server);
  const lease = new AbortController();
  const first = expect(device.channel.connect(lease.signal)).rejects.toThrow();
  await until(() => device.pages.length === 1);
  lease.abort();
  await first;
  expect(device.heard.at(-1)).toBe("state disconnected");

  const second = expect(device.channel.connect(signal)).rejects.toThrow();
  await until(() => device.pages.length === 2);
  await device.channel.disconnect();
  await second;
  expect(await processesNaming(device.sessionsDir)).toEqual([]);
});
