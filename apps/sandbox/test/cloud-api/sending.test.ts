import { expect, test } from "vitest";
import { acceptedSchema, CloudFixture, idOf, phone, recipient, text } from "./cloud-fixture.ts";

test("a text that is accepted is answered as WhatsApp does and lies in the ledger", async () => {
  await using cloud = await CloudFixture.open();
  const answer = await cloud.post(text("Hello"));
  const { total, entries } = await cloud.sandbox.control.ledger();

  expect(answer.status).toBe(200);
  expect(acceptedSchema.parse(answer.body).contacts).toEqual([{ input: recipient, wa_id: recipient }]);
  expect(idOf(answer)).toMatch(/^wamid\.[A-Za-z0-9+/]+=*$/);
  expect(total).toBe(1);
  expect(entries).toMatchObject([
    { to: recipient, from_account: phone, message_id: idOf(answer), text: "Hello", copies: 1 },
  ]);
});

test("the same call twice is two messages: nothing is idempotent", async () => {
  await using cloud = await CloudFixture.open();
  const message = text("Hello", { biz_opaque_callback_data: "one and the same" });
  const ids = [idOf(await cloud.post(message)), idOf(await cloud.post(message))];

  expect(new Set(ids).size).toBe(2);
  expect(await cloud.sandbox.control.summary()).toMatchObject({
    arrivals: 2,
    doubled: [{ to: recipient, arrivals: 2 }],
  });
});

test("a number may be written as people write it", async () => {
  await using cloud = await CloudFixture.open();
  const answer = await cloud.post(text("Hello", { to: "+34 (611) 11-11.11" }));

  expect(acceptedSchema.parse(answer.body).contacts).toEqual([
    { input: "+34 (611) 11-11.11", wa_id: recipient },
  ]);
});

test("media goes by its link, with a caption where there can be one", async () => {
  await using cloud = await CloudFixture.open();
  const link = "https://example.org/file";
  const caption = "Look";
  for (const [type, media] of Object.entries({
    image: { link, caption },
    video: { link, caption },
    document: { link, caption, filename: "offer.pdf" },
    audio: { link },
  })) {
    expect(await cloud.post({ ...text(""), type, text: undefined, [type]: media })).toMatchObject({
      status: 200,
    });
  }

  expect(await cloud.arrived()).toEqual([
    `[image] ${link} Look`,
    `[video] ${link} Look`,
    `[document] ${link} Look`,
    `[audio] ${link}`,
  ]);
});

test("a template arrives with its parameters filled in, by position or by name", async () => {
  await using cloud = await CloudFixture.open({
    account: {
      templates: [
        { name: "offer", language: "es", body: "Hola {{1}}, tu código es {{2}}" },
        { name: "reminder", language: "en_US", body: "Dear {{first_name}}: {{when}}" },
        { name: "bare", language: "es", parameters: 2 },
        { name: "hello_world", language: "en_US" },
      ],
    },
  });
  const send = (name: string, code: string, parameters?: readonly object[]) =>
    cloud.post({
      ...text(""),
      type: "template",
      template: {
        name,
        language: { code },
        ...(parameters === undefined ? {} : { components: [{ type: "body", parameters }] }),
      },
    });
  const answers = [
    await send("offer", "es", [
      { type: "text", text: "Ana" },
      { type: "text", text: "A1" },
    ]),
    await send("reminder", "en_US", [
      { type: "text", parameter_name: "when", text: "noon" },
      { type: "text", parameter_name: "first_name", text: "Ana" },
    ]),
    await send("bare", "es", [
      { type: "text", text: "x" },
      { type: "text", text: "y" },
    ]),
    await send("hello_world", "en_US"),
  ];

  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  expect(await cloud.arrived()).toEqual([
    "Hola Ana, tu código es A1",
    "Dear Ana: noon",
    "[template] bare | x | y",
    "[template] hello_world",
  ]);
});

test("500 sends are in flight at once and the ledger is exact", async () => {
  await using cloud = await CloudFixture.open();
  await cloud.faults({ latency_ms: 200 });
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: 500 }, (_, n) => cloud.post(text(`Hello ${n}`))));
  const tookMs = performance.now() - startedAt;

  expect(tookMs).toBeGreaterThanOrEqual(200);
  // One after the other they would take 100 s.
  expect(tookMs).toBeLessThan(20_000);
  expect(await cloud.sandbox.control.summary()).toMatchObject({ arrivals: 500, doubled: [] });
  expect(new Set(await cloud.arrived()).size).toBe(500);
});
