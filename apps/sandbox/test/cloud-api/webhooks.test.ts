import { createHmac } from "node:crypto";
import { expect, test } from "vitest";
import {
  appSecret,
  CloudFixture,
  idOf,
  phone,
  phoneNumberId,
  recipient,
  text,
  type CloudStatus,
} from "./cloud-fixture.ts";

const words = (statuses: readonly CloudStatus[]): string[] => statuses.map(({ status }) => status);

test("a message is told as sent, delivered and read, each with the caller's own data", async () => {
  await using cloud = await CloudFixture.open();
  // Far enough apart that a busy machine does not tell them at the same time.
  await cloud.sandbox.control.faults({ delivered_after_ms: 150, read_after_ms: 150 });
  const id = idOf(await cloud.post(text("Hello", { biz_opaque_callback_data: "message 7" })));
  const statuses = await cloud.untilStatuses(3);

  expect(words(statuses)).toEqual(["sent", "delivered", "read"]);
  for (const status of statuses) {
    expect(status).toMatchObject({ id, recipient_id: recipient, biz_opaque_callback_data: "message 7" });
    expect(Math.abs(Number(status.timestamp) * 1_000 - Date.now())).toBeLessThan(60_000);
  }
  expect(cloud.told()[0]?.metadata).toEqual({ display_phone_number: phone, phone_number_id: phoneNumberId });
});

test("every post is signed over its very bytes with the app secret", async () => {
  await using cloud = await CloudFixture.open();
  await cloud.post(text("¡Olé! 👋", { biz_opaque_callback_data: "ñ" }));
  await cloud.untilStatuses(3);

  for (const { raw, headers, method } of cloud.receiver.heard) {
    const signature = createHmac("sha256", appSecret).update(raw).digest("hex");
    expect(method).toBe("POST");
    expect(headers["x-hub-signature-256"]).toBe(`sha256=${signature}`);
  }
});

test("statuses of many messages come together in one post", async () => {
  await using cloud = await CloudFixture.open();
  await cloud.faults({ webhook: { batch_wait_ms: 300, batch_max: 20 } });
  await Promise.all(Array.from({ length: 20 }, (_, n) => cloud.post(text(`Hello ${n}`))));
  await cloud.untilStatuses(60);

  const sizes = cloud.told().map(({ statuses }) => statuses?.length ?? 0);
  expect(sizes.length).toBeLessThan(20);
  expect(Math.max(...sizes)).toBe(20);
});

test("who is not read has no read status, as the network has it", async () => {
  await using cloud = await CloudFixture.open();
  await cloud.sandbox.control.faults({ read_share: 0, delivered_after_ms: 0 });
  await cloud.post(text("Hello"));
  await cloud.untilStatuses(2);

  expect(await cloud.settled()).toMatchObject({ told: 2 });
  expect(words(cloud.statuses())).toEqual(["sent", "delivered"]);
});

test("a number without WhatsApp is accepted first and told as failed afterwards", async () => {
  await using cloud = await CloudFixture.open();
  const answer = await cloud.post(text("Hello", { to: "34611110000", biz_opaque_callback_data: "m" }));
  const [status] = await cloud.untilStatuses(1);

  expect(status).toMatchObject({
    id: idOf(answer),
    status: "failed",
    biz_opaque_callback_data: "m",
    errors: [{ code: 131026, title: "Message undeliverable" }],
  });
  expect(await cloud.settled()).toMatchObject({ told: 1 });
  expect(await cloud.arrived()).toEqual([]);
});

test("what the network itself loses is told as failed", async () => {
  await using cloud = await CloudFixture.open();
  await cloud.sandbox.control.faults({ fail: [{ match: { to: recipient }, result: "ERROR_NETWORK" }] });
  await cloud.post(text("Hello"));

  expect(await cloud.untilStatuses(1)).toMatchObject([{ status: "failed", errors: [{ code: 131000 }] }]);
  expect(await cloud.arrived()).toEqual([]);
});

test("doubled: each status comes twice", async () => {
  await using cloud = await CloudFixture.open();
  await cloud.faults({ webhook: { doubled: true } });
  await cloud.post(text("Hello"));
  const statuses = await cloud.untilStatuses(6);

  expect(words(statuses).toSorted()).toEqual(["delivered", "delivered", "read", "read", "sent", "sent"]);
});

test("out of order: read comes before delivered before sent", async () => {
  await using cloud = await CloudFixture.open();
  await cloud.sandbox.control.faults({ delivered_after_ms: 5, read_after_ms: 5 });
  await cloud.faults({ webhook: { out_of_order: true, batch_wait_ms: 100 } });
  await cloud.post(text("Hello"));

  expect(words(await cloud.untilStatuses(3))).toEqual(["read", "delivered", "sent"]);
});

test("a share of the statuses is lost, and nothing of what was sent", async () => {
  await using cloud = await CloudFixture.open();
  await cloud.sandbox.control.faults({ delivered_after_ms: 0, read_after_ms: 0 });
  await cloud.faults({ webhook: { drop_share: 0.5 } });
  await Promise.all(Array.from({ length: 200 }, (_, n) => cloud.post(text(`Hello ${n}`))));
  const { told } = await cloud.settled();

  expect(told).toBeGreaterThan(220);
  expect(told).toBeLessThan(380);
  expect(await cloud.arrived()).toHaveLength(200);
});

test("a post is held back as long as it is told to", async () => {
  await using cloud = await CloudFixture.open();
  await cloud.faults({ webhook: { delay_ms: 400 } });
  const startedAt = performance.now();
  await cloud.post(text("Hello"));
  await cloud.untilStatuses(1);

  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(400);
});

test("a receiver that does not answer 200 is asked again until it does, with the same bytes", async () => {
  await using cloud = await CloudFixture.open({
    answering: (n) => ({ status: n < 4 ? ([500, 302, 204][n - 1] ?? 0) : 200 }),
  });
  await cloud.sandbox.control.faults({ delivered_after_ms: 3_600_000 });
  await cloud.faults({ webhook: { retry_ms: 20 } });
  await cloud.post(text("Hello"));
  await cloud.receiver.until(() => cloud.receiver.heard.some(({ answered }) => answered === 200));

  const { heard } = cloud.receiver;
  expect(heard.map(({ answered }) => answered)).toEqual([500, 302, 204, 200]);
  expect(new Set(heard.map(({ raw }) => raw)).size).toBe(1);
});

test("after the last attempt a status is given up", async () => {
  await using cloud = await CloudFixture.open({ answering: () => ({ status: 503 }) });
  await cloud.sandbox.control.faults({ delivered_after_ms: 0, read_share: 0 });
  await cloud.faults({ webhook: { retry_ms: 1, attempts: 3, batch_max: 1 } });
  await cloud.post(text("Hello"));

  expect(await cloud.settled()).toEqual({ waiting: 0, told: 0, lost: 2, refusals: 6 });
});

test("outside the service window only templates get through", async () => {
  await using cloud = await CloudFixture.open({
    account: { templates: [{ name: "hello", language: "es" }] },
  });
  await cloud.sandbox.control.faults({ delivered_after_ms: 3_600_000 });
  await cloud.faults({ service_window_ms: 60_000 });
  const template = { ...text(""), type: "template", template: { name: "hello", language: { code: "es" } } };
  await cloud.post(text("before"));
  await cloud.post(template);
  await cloud.untilStatuses(2);
  await cloud.sandbox.control.ok("POST", `/cloud/accounts/${phoneNumberId}/inbound`, {
    from: recipient,
    text: "Hi",
  });
  await cloud.post(text("after"));
  const statuses = await cloud.untilStatuses(3);

  expect(words(statuses)).toEqual(["failed", "sent", "sent"]);
  expect(statuses[0]?.errors?.[0]?.code).toBe(131047);
  expect(await cloud.arrived()).toEqual(["[template] hello", "after"]);
});
