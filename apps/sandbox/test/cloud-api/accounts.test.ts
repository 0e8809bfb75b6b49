import { expect, test } from "vitest";
import { temporaryFolder } from "../harness/fixture.ts";
import { openSandbox } from "../harness/sandbox.ts";
import { accessToken, CloudFixture, codeOf, idOf, phone, phoneNumberId, text } from "./cloud-fixture.ts";
import { call } from "../harness/http.ts";

test("accounts, templates and what was sent are there again after a restart", async () => {
  await using folder = await temporaryFolder();
  const dataFile = `${folder.path}/sandbox.ndjson`;
  const templates = [{ name: "hello", language: "es", body: "Hola {{name}}" }];
  const before = await CloudFixture.open({ dataFile, account: { templates } });
  await before.register({ phone: "34600999999" }, "gone");
  await before.sandbox.control.ok("DELETE", "/cloud/accounts/gone");
  const id = idOf(await before.post(text("first")));
  await before[Symbol.asyncDispose]();

  await using after = await openSandbox({ dataFile });
  const sent = await call({
    method: "POST",
    url: `${after.url}/cloud/v24.0/${phoneNumberId}/messages`,
    authorization: `Bearer ${accessToken}`,
    body: {
      ...text(""),
      type: "template",
      template: {
        name: "hello",
        language: { code: "es" },
        components: [{ type: "body", parameters: [{ type: "text", parameter_name: "name", text: "Ana" }] }],
      },
    },
  });
  const { entries } = await after.control.ledger();

  expect(await after.control.ok("GET", "/cloud/accounts")).toMatchObject([
    { phone_number_id: phoneNumberId, phone },
  ]);
  expect(entries.map((entry) => [entry.message_id, entry.text])).toEqual([
    [id, "first"],
    [idOf(sent), "Hola Ana"],
  ]);
});

test("registering again replaces token, webhook and number from then on", async () => {
  await using cloud = await CloudFixture.open();
  await cloud.register({ access_token: "new", phone: "34600999999" });

  expect(codeOf(await cloud.post(text("a")))).toBe(190);
  expect((await cloud.post(text("b"), { token: "new" })).status).toBe(200);
  expect(await cloud.sandbox.control.summary()).toMatchObject({ by_account: { "34600999999": 1 } });
  expect(
    (await cloud.sandbox.control.request("POST", "/inbound", { to: phone, from: "34611111111", text: "x" }))
      .status,
  ).toBe(404);
});

test("what is no registration is refused, and what is not there is not found", async () => {
  await using cloud = await CloudFixture.open();
  const { control } = cloud.sandbox;
  const answers = [
    await control.request("PUT", "/cloud/accounts/1", { phone: "+34" }),
    await control.request("GET", "/cloud/accounts/1"),
    await control.request("DELETE", "/cloud/accounts/1"),
  ];

  expect(answers.map(({ status }) => status)).toEqual([422, 404, 404]);
});
