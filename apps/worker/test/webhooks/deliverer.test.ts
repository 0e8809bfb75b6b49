import { createHmac } from "node:crypto";
import { rotateWebhookSecret, transaction } from "@pregonero/db";
import { expect, test, vi } from "vitest";
import { Receiver, type Received } from "./receiver.ts";
import { WebhookWorld } from "./world.ts";

const soon = { timeout: 10_000, interval: 20 };

const signature = (secret: string, { headers, body }: Received): string => {
  const t = /^t=(\d+),/.exec(String(headers["x-pregonero-signature"]))?.[1];
  return `v1=${createHmac("sha256", secret).update(`${t}.${body}`).digest("hex")}`;
};

test("an event is posted as JSON, signed with the time, and its answer is in the log", async () => {
  await using world = await WebhookWorld.start();
  await using receiver = await Receiver.start((_event, res) => res.end("thank\0s"));
  const { secret } = await world.endpoint(`${receiver.url}/hook?a=b`);
  await world.emit();
  world.deliver();
  await vi.waitFor(
    async () => expect(await world.deliveries()).toMatchObject([{ status: "delivered" }]),
    soon,
  );
  const [got] = receiver.received;
  if (!got) throw new Error("nothing came");
  const [delivery] = await world.deliveries();
  expect(got.path).toBe("/hook?a=b");
  expect(got.event).toMatchObject({ type: "device.state_changed", data: { device_id: 1 } });
  expect(got.headers).toMatchObject({
    "content-type": "application/json",
    "x-pregonero-event": "device.state_changed",
    "x-pregonero-event-id": got.event.id,
    "x-pregonero-attempt": "1",
  });
  expect(String(got.headers["x-pregonero-signature"]).split(",")).toEqual([
    expect.stringMatching(/^t=\d+$/),
    signature(secret, got),
  ]);
  expect(delivery).toMatchObject({ response_status: 200, response_excerpt: "thanks", error: null });
});

test("after a rotation deliveries are signed with both secrets", async () => {
  await using world = await WebhookWorld.start();
  await using receiver = await Receiver.start((_event, res) => res.end());
  const { id, secret } = await world.endpoint(receiver.url);
  const rotated = await transaction(world.db, (tx) =>
    rotateWebhookSecret(tx, world.keyring, { tenantId: world.tenantId, id, overlapMs: 60_000 }),
  );
  await world.emit();
  world.deliver();
  await vi.waitFor(() => expect(receiver.received).toHaveLength(1), soon);
  const [got] = receiver.received;
  if (!got) throw new Error("nothing came");
  const signatures = String(got.headers["x-pregonero-signature"]).split(",").slice(1);
  expect(signatures).toEqual([signature(rotated?.secret ?? "", got), signature(secret, got)]);
});

test("what fails is tried again when it is due, with the same event, until it succeeds", async () => {
  await using world = await WebhookWorld.start();
  const answers = [500, 302, 404, 204];
  await using receiver = await Receiver.start((_event, res) => {
    res
      .writeHead(answers[receiver.received.length - 1] ?? 500, { location: `${receiver.url}/elsewhere` })
      .end("no");
  });
  await world.endpoint(receiver.url);
  await world.emit();
  world.deliver();
  for (const [n, error] of [
    "It answered 500.",
    "It answered 302: redirects are not followed.",
    "It answered 404.",
  ].entries()) {
    const state = { status: "pending", attempts: n + 1, error };
    await vi.waitFor(async () => expect(await world.deliveries()).toMatchObject([state]), soon);
    await world.hurry();
  }
  await vi.waitFor(
    async () => expect(await world.deliveries()).toMatchObject([{ status: "delivered", attempts: 4 }]),
    soon,
  );
  expect(new Set(receiver.received.map((got) => got.event.id)).size).toBe(1);
  expect(receiver.received.map((got) => got.path)).toEqual(["/", "/", "/", "/"]);
});

test("the twelfth failure is the last, and stays in the log as failed", async () => {
  await using world = await WebhookWorld.start();
  await using receiver = await Receiver.start((_event, res) => res.writeHead(500).end());
  await world.endpoint(receiver.url);
  await world.emit();
  await world.db.pool.query("UPDATE webhook_deliveries SET attempts = 10");
  world.deliver();
  await vi.waitFor(
    async () => expect(await world.deliveries()).toMatchObject([{ status: "pending", attempts: 11 }]),
    soon,
  );
  await world.hurry();
  await vi.waitFor(
    async () => expect(await world.deliveries()).toMatchObject([{ status: "failed", attempts: 12 }]),
    soon,
  );
});

test("an endpoint that answers 410 is disabled at once", async () => {
  await using world = await WebhookWorld.start();
  await using receiver = await Receiver.start((_event, res) => res.writeHead(410).end());
  await world.endpoint(receiver.url);
  await world.emit();
  world.deliver();
  await vi.waitFor(async () => {
    const { rows } = await world.db.pool.query("SELECT enabled, disabled_reason FROM webhook_endpoints");
    expect(rows).toEqual([{ enabled: false, disabled_reason: "It answered 410: it is gone." }]);
  }, soon);
});

test("a private address is refused without a connection, also where a name leads there", async () => {
  await using world = await WebhookWorld.start();
  await using receiver = await Receiver.start((_event, res) => res.end());
  const { port } = new URL(receiver.url);
  await world.endpoint(receiver.url);
  await world.endpoint(`http://localhost:${port}`);
  await world.endpoint(`http://0x7f000001:${port}`);
  await world.emit();
  world.deliver({ OUTBOUND_ALLOW: [] });
  const refused = { status: "pending", attempts: 1, error: expect.stringContaining("private network") };
  await vi.waitFor(
    async () => expect(await world.deliveries()).toMatchObject([refused, refused, refused]),
    soon,
  );
  expect(receiver.received).toEqual([]);
});

test("an endpoint that never answers delays nobody, and gets no more at once than its share", async () => {
  await using world = await WebhookWorld.start();
  await using silent = await Receiver.start(() => {});
  await using quick = await Receiver.start((_event, res) => res.end());
  const slow = await world.endpoint(silent.url);
  const good = await world.endpoint(quick.url);
  await world.emit(60);
  world.deliver({ WEBHOOK_TIMEOUT_MS: 30_000, WEBHOOK_CONCURRENCY: 10 });
  await vi.waitFor(() => expect(quick.received).toHaveLength(60), soon);
  expect(silent.received).toHaveLength(4);
  await vi.waitFor(async () => {
    const ofGood = (await world.deliveries()).filter((one) => one.endpoint_id === good.id);
    expect(ofGood.every((one) => one.status === "delivered")).toBe(true);
  }, soon);
  expect(slow.id).not.toBe(good.id);
  // What hangs would hold the closing up for as long as a try may take.
  await silent[Symbol.asyncDispose]();
});

test("two deliverers post each event once", async () => {
  await using world = await WebhookWorld.start();
  await using receiver = await Receiver.start((_event, res) => res.end());
  await world.endpoint(receiver.url);
  await world.emit(300);
  world.deliver({ WEBHOOK_ENDPOINT_CONCURRENCY: 50 });
  world.deliver({ WEBHOOK_ENDPOINT_CONCURRENCY: 50 });
  await vi.waitFor(async () => {
    expect((await world.deliveries()).every((one) => one.status === "delivered")).toBe(true);
  }, soon);
  expect(receiver.received).toHaveLength(300);
  expect(new Set(receiver.received.map((got) => got.event.id)).size).toBe(300);
});

test("closing lets what is under way end, and records it", async () => {
  await using world = await WebhookWorld.start();
  let answer: (() => void) | undefined;
  await using receiver = await Receiver.start((_event, res) => (answer = () => res.end()));
  await world.endpoint(receiver.url);
  await world.emit();
  const deliverer = world.deliver();
  await vi.waitFor(() => expect(answer).toBeDefined(), soon);
  const closed = deliverer.close();
  answer?.();
  await closed;
  expect(await world.deliveries()).toMatchObject([{ status: "delivered", attempts: 1 }]);
  await world.emit();
  expect(receiver.received).toHaveLength(1);
});
