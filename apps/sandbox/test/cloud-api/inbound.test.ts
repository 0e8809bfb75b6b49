import { expect, test } from "vitest";
import { WebhookReceiver } from "../harness/webhook-receiver.ts";
import { CloudFixture, phone, phoneNumberId, recipient, text, verifyToken } from "./cloud-fixture.ts";

const inboundPath = `/cloud/accounts/${phoneNumberId}/inbound`;

test("whatever somebody sends is told with who it was", async () => {
  await using cloud = await CloudFixture.open();
  const { control } = cloud.sandbox;
  const contents = [
    { text: "Hola" },
    { image: { caption: "My cat" } },
    { button: { text: "Yes", payload: "yes-1" } },
    { interactive: { type: "button_reply", button_reply: { id: "b1", title: "More" } } },
    { location: { latitude: 40.4, longitude: -3.7 }, reply_to: "wamid.X" },
  ];
  const ids: unknown[] = [];
  for (const content of contents) {
    const created = await control.request("POST", inboundPath, { from: recipient, name: "Ana", ...content });
    expect(created.status).toBe(201);
    ids.push(created.body);
  }
  const told = await cloud.receiver.until(() => {
    const values = cloud.told();
    return values.flatMap(({ messages }) => messages ?? []).length === contents.length && values;
  });

  const messages = told.flatMap((value) => value.messages ?? []);
  expect(messages.map(({ id }) => ({ id }))).toEqual(ids);
  expect(messages).toMatchObject([
    { from: recipient, type: "text", text: { body: "Hola" } },
    { type: "image", image: { caption: "My cat", mime_type: "image/jpeg", id: expect.any(String) } },
    { type: "button", button: { text: "Yes", payload: "yes-1" } },
    { type: "interactive", interactive: { button_reply: { id: "b1" } } },
    { type: "location", context: { from: phone, id: "wamid.X" } },
  ]);
  expect(told.flatMap((value) => value.contacts ?? [])).toEqual(
    contents.map(() => ({ profile: { name: "Ana" }, wa_id: recipient })),
  );
});

test("a message for the number comes in whoever sends it", async () => {
  await using cloud = await CloudFixture.open();
  await cloud.register({ phone: "34600999999", access_token: "other", webhook_url: null }, "2002");
  await cloud.post(text("From another business", { to: phone }), { id: "2002", token: "other" });
  await cloud.sandbox.control.inbound({ to: phone, from: recipient, text: "STOP" });
  const messages = await cloud.receiver.until(() => {
    const found = cloud.told().flatMap((value) => value.messages ?? []);
    return found.length === 2 && found;
  });

  expect(messages).toMatchObject([
    { from: "34600999999", type: "text", text: { body: "From another business" } },
    { from: recipient, type: "text", text: { body: "STOP" } },
  ]);
});

test("what is no message is a mistake of the caller", async () => {
  await using cloud = await CloudFixture.open();
  const { control } = cloud.sandbox;
  const answers = [
    await control.request("POST", inboundPath, { from: recipient }),
    await control.request("POST", inboundPath, { from: recipient, text: "a", image: {} }),
    await control.request("POST", "/cloud/accounts/404/inbound", { from: recipient, text: "a" }),
  ];

  expect(answers.map(({ status }) => status)).toEqual([422, 422, 404]);
});

test("the handshake tells a receiver that knows the token from one that does not", async () => {
  await using cloud = await CloudFixture.open({
    answering: (_n, url) =>
      url.searchParams.get("hub.verify_token") === verifyToken &&
      url.searchParams.get("hub.mode") === "subscribe"
        ? { status: 200, body: url.searchParams.get("hub.challenge") ?? "" }
        : { status: 403 },
  });
  await using careless = await WebhookReceiver.open(() => ({ status: 200, body: "ok" }));
  const shake = (body?: object) =>
    cloud.sandbox.control.ok("POST", `/cloud/accounts/${phoneNumberId}/handshake`, body);

  expect(await shake()).toMatchObject({ verified: true, status: 200 });
  expect(await shake({ verify_token: "wrong" })).toMatchObject({ verified: false, status: 403 });
  expect(await shake({ url: careless.url })).toMatchObject({ verified: false, status: 200, answer: "ok" });
  expect(await shake({ url: "http://127.0.0.1:1/" })).toMatchObject({ verified: false, status: null });
});
