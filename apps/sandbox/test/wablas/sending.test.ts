import { expect, test } from "vitest";
import {
  accepted,
  message,
  phone,
  recipient,
  refusal,
  secretKey,
  token,
  WablasFixture,
} from "./wablas-fixture.ts";

test("a hundred messages are accepted at once, each pending, and lie in the ledger", async () => {
  await using wablas = await WablasFixture.open({ device: { quota: 150 } });
  const data = Array.from({ length: 100 }, (_, n) =>
    message(`Hello ${n}`, { phone: String(6_281_218_440_001 + n), ref_id: `ref-${n}` }),
  );
  const answer = await wablas.post(data);
  const { messages, quota } = accepted(answer);

  expect(answer.status).toBe(200);
  expect(quota).toBe(50);
  expect(messages.map(({ phone: to, ref_id }) => ({ to, ref_id }))).toEqual(
    data.map((one, n) => ({ to: one.phone, ref_id: `ref-${n}` })),
  );
  expect(await wablas.sandbox.control.summary()).toMatchObject({
    arrivals: 100,
    doubled: [],
    by_account: { [phone]: 100 },
  });
});

test("the same ref_id twice is two messages: it is only carried", async () => {
  await using wablas = await WablasFixture.open();
  const data = [message("Hello", { ref_id: "one" })];
  const [first] = accepted(await wablas.post(data)).messages;
  const [second] = accepted(await wablas.post(data)).messages;

  expect(first?.id).not.toBe(second?.id);
  expect(await wablas.arrived()).toEqual(["Hello", "Hello"]);
});

test("what is refused has status false and HTTP 200, and none of it arrives", async () => {
  await using wablas = await WablasFixture.open({ device: { quota: 3 } });
  const authorization = `${token}.${secretKey}`;
  const answers = {
    "no token": await wablas.post([message("x")], ""),
    "token alone": await wablas.post([message("x")], token),
    "with Bearer": await wablas.post([message("x")], `Bearer ${authorization}`),
    "no JSON": await wablas.post("{"),
    "no data": await wablas.post([]),
    "over 100": await wablas.post(Array.from({ length: 101 }, () => message("x"))),
    "too long": await wablas.post([message("good"), message("x".repeat(1_025))]),
    "no text": await wablas.post([message("")]),
    "no phone": await wablas.post([{ message: "x" }]),
    "a group": await wablas.post([message("x", { isGroup: "true" })]),
    "over the quota": await wablas.post([message("1"), message("2"), message("3"), message("4")]),
  };

  expect(Object.values(answers).map(({ status }) => status)).toEqual(Object.keys(answers).map(() => 200));
  expect(Object.entries(answers).map(([what, answer]) => `${what}: ${refusal(answer)}`)).toEqual([
    "no token: token invalid",
    "token alone: token invalid",
    "with Bearer: token invalid",
    "no JSON: data is required",
    "no data: data is required",
    "over 100: data must not hold more than 100 messages",
    "too long: data.1: message must not be longer than 1024 characters",
    "no text: data.0: message is required",
    "no phone: data.0: phone and message are required",
    "a group: data.0: group not found",
    "over the quota: Your quota is not enough",
  ]);
  expect(await wablas.arrived()).toEqual([]);
});

test("the limits themselves are within, and an emoji is one character", async () => {
  await using wablas = await WablasFixture.open({ device: { quota: 1 } });
  expect(accepted(await wablas.post([message("👋".repeat(1_024))])).quota).toBe(0);
});

test("failures carry the HTTP status that they are told to", async () => {
  await using wablas = await WablasFixture.open();
  await wablas.faults({ failure_http_status: 401 });
  const unauthorized = await wablas.post([message("x")], "guessed");
  await wablas.faults({ failure_http_status: 500 });
  const broken = await wablas.post([]);

  expect([unauthorized.status, refusal(unauthorized)]).toEqual([401, "token invalid"]);
  expect([broken.status, refusal(broken)]).toEqual([500, "data is required"]);
});

test("a device tells its state and quota, and sends only while it is connected", async () => {
  await using wablas = await WablasFixture.open({ device: { quota: 7 } });
  await wablas.post([message("x")]);
  const connected = await wablas.info();
  await wablas.register({ status: "disconnected" });
  const refused = await wablas.post([message("y")]);
  const disconnected = await wablas.info(`${token}.${secretKey}`);

  expect(connected.body).toMatchObject({
    status: true,
    data: {
      sender: phone,
      quota: 6,
      status: "connected",
      expired_date: "2099-12-31",
      serial: expect.any(String),
    },
  });
  expect(refusal(refused)).toContain("disconnected");
  expect(disconnected.body).toMatchObject({ data: { status: "disconnected" } });
  expect(refusal(await wablas.info("guessed"))).toBe("token invalid");
  expect(await wablas.arrived()).toEqual(["x"]);
});

test("phones in the answer may be numbers, as on some of the servers", async () => {
  await using wablas = await WablasFixture.open();
  await wablas.faults({ numeric_phones: true });

  expect(accepted(await wablas.post([message("x")])).messages[0]?.phone).toBe(Number(recipient));
});

test("the throughput of a device counts messages and not requests", async () => {
  await using wablas = await WablasFixture.open({ device: { throughput_per_s: 5 } });
  const first = await wablas.post(Array.from({ length: 6 }, () => message("x")));
  const second = await wablas.post(Array.from({ length: 5 }, () => message("y")));

  expect([first.status, refusal(first)]).toEqual([429, "Too Many Attempts."]);
  expect(accepted(second).messages).toHaveLength(5);
  expect(await wablas.arrived()).toHaveLength(5);
});
