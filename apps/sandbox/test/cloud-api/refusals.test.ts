import { expect, test } from "vitest";
import { CloudFixture, codeOf, errorSchema, phone, phoneNumberId, recipient, text } from "./cloud-fixture.ts";

const templates = [
  { name: "plain", language: "es" },
  { name: "two", language: "es", parameters: 2 },
  { name: "named", language: "es", body: "Hola {{name}}" },
  { name: "picture", language: "es", header: { format: "IMAGE" } },
  { name: "titled", language: "es", header: { format: "TEXT", parameters: 1 } },
  { name: "linked", language: "es", buttons: [{ index: 0, sub_type: "url" }] },
  { name: "paused", language: "es", status: "PAUSED" },
  { name: "disabled", language: "es", status: "DISABLED" },
  { name: "pending", language: "es", status: "PENDING" },
];

const template = (name: string, components?: readonly object[], code = "es") => ({
  ...text(""),
  type: "template",
  template: { name, language: { code }, ...(components === undefined ? {} : { components }) },
});
const body = (...parameters: readonly object[]) => ({ type: "body", parameters });
const word = (value: string) => ({ type: "text", text: value });
const media = (type: string, content: unknown) => ({ ...text(""), type, text: undefined, [type]: content });

const cases: readonly [what: string, body: unknown, status: number, code: number, details?: string][] = [
  ["no JSON", "{", 400, 100],
  ["no messaging_product", { to: recipient }, 400, 100],
  ["another product", text("x", { messaging_product: "sms" }), 400, 100],
  ["no recipient", text("x", { to: undefined }), 400, 100],
  ["a group", text("x", { recipient_type: "group" }), 400, 100],
  ["a malformed number", text("x", { to: "12" }), 400, 131009, "Recipient phone number is malformed."],
  ["oneself", text("x", { to: phone }), 400, 131021],
  ["an unknown type", text("x", { type: "telegram" }), 400, 131051],
  ["no text", text("x", { text: undefined }), 400, 131008],
  ["an empty text", text(""), 400, 131008],
  [
    "a text too long",
    text("x".repeat(4_097)),
    400,
    100,
    "Param text['body'] must be at most 4096 characters long.",
  ],
  ["callback data too long", text("x", { biz_opaque_callback_data: "x".repeat(513) }), 400, 100],
  ["an image without link", media("image", { caption: "x" }), 400, 131008],
  ["an image by id", media("image", { id: "1" }), 400, 131009],
  ["an image at no URL", media("image", { link: "file.jpg" }), 400, 131009],
  ["audio with a caption", media("audio", { link: "https://example.org/a", caption: "x" }), 400, 100],
  [
    "a template without language",
    { ...text(""), type: "template", template: { name: "plain" } },
    400,
    131008,
  ],
  ["an unknown template", template("nothing"), 404, 132001, "template name (nothing) does not exist in es"],
  [
    "an unknown language",
    template("plain", [], "en"),
    404,
    132001,
    "template name (plain) does not exist in en",
  ],
  ["a template not approved", template("pending"), 404, 132001],
  ["a paused template", template("paused"), 400, 132015],
  ["a disabled template", template("disabled"), 400, 132016],
  [
    "too few parameters",
    template("two", [body(word("one"))]),
    400,
    132000,
    "body: number of localizable_params (1) does not match the expected number of params (2)",
  ],
  ["too many parameters", template("plain", [body(word("one"))]), 400, 132000],
  ["a parameter without text", template("two", [body(word("a"), { type: "text" })]), 400, 131008],
  ["a parameter of another type", template("two", [body(word("a"), { type: "image" })]), 400, 132012],
  ["a parameter with a line break", template("two", [body(word("a"), word("b\nc"))]), 400, 132018],
  [
    "a parameter without its name",
    template("named", [body(word("Ana"))]),
    400,
    100,
    "Parameter name is missing or empty",
  ],
  [
    "a filled text too long",
    template("named", [body({ ...word("x".repeat(1_025)), parameter_name: "name" })]),
    400,
    132005,
  ],
  [
    "no picture in the header",
    template("picture"),
    400,
    132012,
    "header: Format mismatch, expected IMAGE, received UNKNOWN",
  ],
  [
    "a text in place of the picture",
    template("picture", [{ type: "header", parameters: [word("x")] }]),
    400,
    132012,
  ],
  ["no text in the header", template("titled"), 400, 132000],
  [
    "no URL for the button",
    template("linked"),
    400,
    131008,
    "buttons: Button at index 0 of type Url requires a parameter",
  ],
];

test("what cannot be sent is refused with WhatsApp's code for it, and never arrives", async () => {
  await using cloud = await CloudFixture.open({ account: { templates } });
  const answers = await Promise.all(cases.map(([, message]) => cloud.post(message)));

  expect(answers.map((answer, index) => [cases[index]?.[0], answer.status, codeOf(answer)])).toEqual(
    cases.map(([what, , status, code]) => [what, status, code]),
  );
  answers.forEach((answer, index) => {
    const { error } = errorSchema.parse(answer.body);
    const details = cases[index]?.[4];
    if (details !== undefined) expect(error.error_data?.details).toBe(details);
    expect(error.message).toContain(`(#${error.code})`);
  });
  expect(await cloud.arrived()).toEqual([]);
});

test("headers and buttons with what they need are accepted", async () => {
  await using cloud = await CloudFixture.open({ account: { templates } });
  const link = "https://example.org/a.jpg";
  const answers = [
    await cloud.post(
      template("picture", [{ type: "header", parameters: [{ type: "image", image: { link } }] }]),
    ),
    await cloud.post(template("titled", [{ type: "header", parameters: [word("News")] }])),
    await cloud.post(
      template("linked", [{ type: "button", sub_type: "url", index: "0", parameters: [word("abc")] }]),
    ),
  ];

  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
});

test("without a good token there is 401 with code 190", async () => {
  await using cloud = await CloudFixture.open();
  for (const token of [null, "guessed"]) {
    const answer = await cloud.post(text("x"), { token });
    expect([answer.status, codeOf(answer)]).toEqual([401, 190]);
  }
  expect(await cloud.arrived()).toEqual([]);
});

test("a token opens its own number and no other", async () => {
  await using cloud = await CloudFixture.open();
  await cloud.register({ access_token: "other", phone: "34600999999" }, "2002");
  const answers = [await cloud.post(text("x"), { id: "2002" }), await cloud.post(text("x"), { id: "404" })];

  for (const answer of answers) {
    expect(answer.status).toBe(400);
    expect(errorSchema.parse(answer.body).error).toMatchObject({ code: 100, error_subcode: 33 });
  }
  expect(await cloud.arrived()).toEqual([]);
});

test("a number tells about itself what it is asked for", async () => {
  await using cloud = await CloudFixture.open({
    account: { verified_name: "The Shop", quality_rating: "YELLOW" },
  });
  const asked = await cloud.get(`${phoneNumberId}?fields=verified_name,display_phone_number,quality_rating`);
  const unknown = await cloud.get(`${phoneNumberId}?fields=shoe_size`);

  expect(asked).toMatchObject({ status: 200 });
  expect(asked.body).toEqual({
    id: phoneNumberId,
    verified_name: "The Shop",
    display_phone_number: `+${phone}`,
    quality_rating: "YELLOW",
  });
  expect([unknown.status, codeOf(unknown)]).toEqual([400, 100]);
  expect(codeOf(await cloud.get(`${phoneNumberId}?fields=id`, "guessed"))).toBe(190);
  expect((await cloud.get(`${phoneNumberId}/templates`)).status).toBe(400);
});
