import { afterAll, beforeAll, expect, it } from "vitest";
import { connectedDevice, link, newDevice, outgoing, freshPhone } from "./channel-harness.ts";
import { until } from "../browser/fleet-harness.ts";
import { Sandbox } from "./sandbox.ts";

const { signal } = new AbortController();
let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await Sandbox.start({ SANDBOX_QR_ROTATE_MS: "1000" });
});
afterAll(() => sandbox[Symbol.asyncDispose]());

it("shows a QR, a new one when it rotates, and is connected once it was scanned", async () => {
  await using device = await newDevice(sandbox);
  await device.channel.connect(signal);
  expect(device.channel.state).toBe("qr");
  await until(() => device.codes.length === 2);
  await link(device, sandbox);
  expect(device.heard).toEqual([
    "state connecting",
    "state qr",
    "qr",
    "qr",
    "state connecting",
    "state connected",
  ]);
  const message = outgoing(freshPhone());
  expect(await device.channel.send(message)).toEqual({ kind: "sent", ack: "sent" });
  await device.hears(`ack ${message.providerMessageId} read`);
  expect(await sandbox.arrivals(message.to)).toHaveLength(1);
});
