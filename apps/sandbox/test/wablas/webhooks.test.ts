import { expect, test } from "vitest";
import { z } from "zod";
import { temporaryFolder } from "../harness/fixture.ts";
import { openSandbox } from "../harness/sandbox.ts";
import { WebhookReceiver } from "../harness/webhook-receiver.ts";
import { accepted, message, phone, recipient, token, WablasFixture } from "./wablas-fixture.ts";

test("a message is tracked post by post, unsigned, with the caller's ref_id", async () => {
  await using wablas = await WablasFixture.open();
  // Far enough apart that a busy machine does not tell them at the same time.
  await wablas.sandbox.control.faults({ delivered_after_ms: 150, read_after_ms: 150 });
  const { messages, device_id } = accepted(await wablas.post([message("Hello", { ref_id: "ours" })]));
  const tracked = await wablas.untilTracked(3);

  expect(tracked).toEqual(
    ["sent", "delivered", "read"].map((status) => ({
      id: messages[0]?.id,
      phone: recipient,
      status,
      note: "",
      deviceId: device_id,
      ref_id: "ours",
    })),
  );
  expect(
    Object.keys(wablas.receiver.heard[0]?.headers ?? {}).filter((name) => name.startsWith("x-")),
  ).toEqual([]);
});

test("tracking without ref_id, as the documentation has it", async () => {
  await using wablas = await WablasFixture.open();
  await wablas.faults({ tracking_ref_id: false });
  await wablas.post([message("Hello", { ref_id: "ours" })]);

  expect((await wablas.untilTracked(1))[0]).not.toHaveProperty("ref_id");
});

test("numbers without WhatsApp, and what is no number at all, are accepted and then rejected", async () => {
  await using wablas = await WablasFixture.open();
  const numbers = ["6281218440000", "+62", "08123"];
  accepted(await wablas.post(numbers.map((number) => message("x", { phone: number }))));
  const tracked = await wablas.untilTracked(3);

  expect(tracked.map(({ phone: to, status }) => `${to} ${status}`).toSorted()).toEqual(
    numbers.map((number) => `${number} reject`).toSorted(),
  );
  expect(tracked[0]?.note).not.toBe("");
  expect(await wablas.arrived()).toEqual([]);
});

test("tracking is doubled, out of order and told again until it is answered with 200", async () => {
  await using wablas = await WablasFixture.open({ answering: (n) => ({ status: n === 1 ? 500 : 200 }) });
  await wablas.sandbox.control.faults({ delivered_after_ms: 5, read_after_ms: 5 });
  await wablas.faults({ webhook: { doubled: true, out_of_order: true, batch_wait_ms: 100, retry_ms: 1 } });
  await wablas.post([message("Hello")]);
  const statuses = (await wablas.untilTracked(7)).map(({ status }) => status);

  expect(statuses).toEqual(["read", "read", "read", "delivered", "delivered", "sent", "sent"]);
});

const incomingSchema = z.object({
  id: z.uuid(),
  phone: z.string(),
  message: z.string(),
  messageType: z.string(),
  deviceId: z.string(),
  pushName: z.string(),
  isGroup: z.literal(false),
  sender: z.literal(phone),
});

test("incoming messages go to the webhook, tracking to its own if there is one", async () => {
  await using tracking = await WebhookReceiver.open();
  await using wablas = await WablasFixture.open({ device: { tracking_url: tracking.url } });
  const { control } = wablas.sandbox;
  const body = { from: recipient, name: "Ana", message: "Hola" };
  const created = await control.request("POST", `/wablas/devices/${token}/inbound`, body);
  await control.inbound({ to: phone, from: recipient, text: "STOP" });
  await wablas.post([message("Hello")]);
  await wablas.receiver.until(() => wablas.receiver.heard.length === 2);
  await tracking.until(() => tracking.heard.length === 3);
  const incoming = wablas.receiver.bodies.map((one) => incomingSchema.parse(one));

  expect(created).toMatchObject({
    status: 201,
    body: { id: incoming.find(({ pushName }) => pushName === "Ana")?.id },
  });
  expect(incoming.map((one) => one.message).toSorted()).toEqual(["Hola", "STOP"]);
  expect(new Set(incoming.map((one) => one.phone))).toEqual(new Set([recipient]));
});

test("devices are there again after a restart", async () => {
  await using folder = await temporaryFolder();
  const dataFile = `${folder.path}/sandbox.ndjson`;
  const before = await WablasFixture.open({ dataFile, device: { quota: 9 } });
  await before.post([message("Hello")]);
  await before[Symbol.asyncDispose]();

  await using after = await openSandbox({ dataFile });
  expect(await after.control.ok("GET", "/wablas/devices")).toMatchObject([{ token, phone, quota: 9 }]);
  expect(await after.control.summary()).toMatchObject({ arrivals: 1 });
  expect((await after.control.request("DELETE", `/wablas/devices/${token}`)).status).toBe(204);
  expect((await after.control.request("GET", `/wablas/devices/${token}`)).status).toBe(404);
});
