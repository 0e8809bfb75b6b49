import { readdir } from "node:fs/promises";
import { afterEach, describe, expect, test } from "vitest";
import { expectProblem, type Answer } from "./support/api.ts";
import { csvOf, intakeRows, nothing, upload, type CampaignFormParts } from "./support/campaigns.ts";
import { testApi } from "./support/suite.ts";

const app = testApi({ MAX_CSV_SIZE_MB: "1", MAX_MESSAGES_PER_CAMPAIGN: "100" });

/** Whatever was wrong, nothing of it is in the database or on the disk. */
afterEach(async () => {
  expect(await intakeRows(app())).toEqual(nothing);
  expect(await leftFiles()).toEqual([]);
});

async function leftFiles(): Promise<string[]> {
  const files = await readdir(app().uploadDir, { recursive: true });
  return files.filter((file) => file.includes(".upload"));
}

const sendBulk = (json: unknown): Promise<Answer> => app().call("POST", "/messages/send-bulk", { json });
const campaign = (json: unknown): Promise<Answer> => app().call("POST", "/api/v1/campaigns", { json });
const csv = (parts: CampaignFormParts): Promise<Answer> => upload<Record<string, unknown>>(app(), parts);

const person = { phone: "+34600123456" };

describe("bulk sends", () => {
  test.each([
    ["an empty list", { message: "hi", phones: [] }, "phones must have at least one number."],
    ["no list", { message: "hi" }, "phones is missing."],
    ["text for a list", { message: "hi", phones: "+34600123456" }, "phones must be a list, not text."],
    [
      "numbers for text",
      { message: "hi", phones: ["+34600123456", 34600123456] },
      "phones[1] must be text, not a number.",
    ],
    ["an empty message", { message: " ", phones: ["+34600123456"] }, "message must not be empty."],
    [
      "a message that is no text",
      { message: { a: 1 }, phones: ["+34600123456"] },
      "message must be text, not an object.",
    ],
    [
      "not a number",
      { message: "hi", phones: ["+34600123456", "call me"] },
      'phones[1] ("call me") is not a phone number.',
    ],
    [
      "a number that is too short",
      { message: "hi", phones: ["12345"] },
      'phones[0] ("12345") is too short for a phone number with country code.',
    ],
    ["an empty number", { message: "hi", phones: [""] }, "phones[0] is empty."],
    [
      "a limit of no devices",
      { message: "hi", phones: ["+34600123456"], devices_limit: 0 },
      "devices_limit must be at least 1.",
    ],
    [
      "half a device",
      { message: "hi", phones: ["+34600123456"], devices_limit: 1.5 },
      "devices_limit must be a whole number, not a fraction.",
    ],
    ["a list for a body", [1, 2], "The body must be an object, not a list."],
    ["null for a body", null, "The body must be an object, not null."],
    [
      "characters that are not text",
      { message: "a\u0000b", phones: ["+34600123456"] },
      "message has characters that are not text.",
    ],
    [
      "half a character",
      '{"message":"\\ud800","phones":["+34600123456"]}',
      "message has characters that are not text.",
    ],
  ])("%s is refused in words", async (_what, body, detail) => {
    expect(expectProblem(await sendBulk(body), 422, "validation_failed")).toBe(detail);
  });

  test("every bad number is named by its place, and no more than a person reads in the sentence", async () => {
    const answer = await sendBulk({ message: "hi", phones: Array.from({ length: 200 }, () => "x") });
    const detail = expectProblem(answer, 422, "validation_failed");
    expect(detail).toContain("And 197 more.");
    expect(answer.body["errors"]).toHaveLength(100);
  });

  test.each([
    ["broken JSON", '{"message": "hi", "phones": [', "The body is not valid JSON: it ends too early."],
    ["no JSON at all", "hello", "The body is not valid JSON: it cannot be parsed."],
  ])("%s is refused and not quoted", async (_what, body, detail) => {
    expect(expectProblem(await sendBulk(body), 400, "invalid_json")).toBe(detail);
  });

  test("another content type is refused", async () => {
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const answer = await app().call("POST", "/messages/send-bulk", { json: "message=hi", headers });
    expectProblem(answer, 415, "unsupported_media_type");
  });

  test("more messages than the limit are refused with the limit", async () => {
    const phones = Array.from({ length: 101 }, (_, n) => `+34${600_000_000 + n}`);
    const detail = expectProblem(await sendBulk({ message: "hi", phones }), 413, "too_large");
    expect(detail).toContain("limit of 100 messages");
  });

  test("a body of 60 MB is refused with the limit", async () => {
    const detail = expectProblem(await sendBulk(`"${"x".repeat(60 * 1_024 * 1_024)}"`), 413, "too_large");
    expect(detail).toContain("10 MB");
  });
});

describe("campaigns from a list", () => {
  test.each([
    ["no recipients", { name: "a", body: "hi", recipients: [] }, 422, "validation_failed"],
    ["no text", { name: "a", recipients: [person] }, 422, "validation_failed"],
    ["two texts", { name: "a", body: "x", template: "y", recipients: [person] }, 422, "validation_failed"],
    [
      "a field that does not exist",
      { name: "a", body: "x", recipients: [person], device: 1 },
      422,
      "validation_failed",
    ],
    [
      "an unknown device",
      { name: "a", body: "x", recipients: [person], device_ids: [99] },
      422,
      "unknown_device",
    ],
    ["an unknown pool", { name: "a", body: "x", recipients: [person], pool: "none" }, 422, "unknown_pool"],
    ["an unknown template", { name: "a", template: "none", recipients: [person] }, 422, "unknown_template"],
    ["a broken template", { name: "a", body: "Hola {{", recipients: [person] }, 422, "template_invalid"],
    [
      "a priority out of bounds",
      { name: "a", body: "x", recipients: [person], priority: 11 },
      422,
      "validation_failed",
    ],
    [
      "nobody who can be written to",
      { name: "a", body: "x", recipients: [{ phone: "123" }] },
      422,
      "no_valid_recipients",
    ],
    [
      "a variable that nobody has",
      { name: "a", body: "{{x}}", recipients: [person] },
      422,
      "no_valid_recipients",
    ],
  ])("%s: nothing is created", async (_what, body, status, code) => {
    expectProblem(await campaign(body), status, code);
  });

  test("a typing mistake in a field's name is named", async () => {
    const answer = await campaign({ name: "a", body: "x", recipients: [person], devices: [1] });
    expect(expectProblem(answer, 422, "validation_failed")).toContain("devices");
  });

  test("more recipients than the limit are refused", async () => {
    const recipients = Array.from({ length: 101 }, (_, n) => ({ phone: `+34${600_000_000 + n}` }));
    expectProblem(await campaign({ name: "a", body: "x", recipients }), 413, "too_large");
  });
});

describe("campaigns from a file", () => {
  test("no file", async () => {
    const form = new FormData();
    form.set("name", "a");
    form.set("body", "x");
    const answer = await app().call("POST", "/api/v1/campaigns", { form });
    expect(expectProblem(answer, 422, "validation_failed")).toContain('"file"');
  });

  test("a file in another part", async () => {
    expectProblem(await csv({ csv: csvOf(1), part: "document" }), 422, "validation_failed");
  });

  test("two files", async () => {
    const form = new FormData();
    form.append("name", "a");
    form.append("body", "x");
    form.append("file", new Blob([csvOf(1)]), "a.csv");
    form.append("file", new Blob([csvOf(1)]), "b.csv");
    expectProblem(await app().call("POST", "/api/v1/campaigns", { form }), 422, "validation_failed");
  });

  test("wrong fields beside a good file", async () => {
    const answer = await csv({ csv: csvOf(1), fields: { device_ids: "one", interval_ms: "fast" } });
    const detail = expectProblem(answer, 422, "validation_failed");
    expect(detail).toContain("device_ids must be a list, not text");
    expect(detail).toContain("interval_ms must be a number, not text");
  });

  test.each<[string, string, string, Record<string, string>?]>([
    ["an empty file", "", "The file is empty."],
    ["a header alone", "telefono,nombre\n", "has no recipients"],
    ["no phone column", "name,age\nAna,3\n", "no column with the phone numbers"],
    [
      "a quotation mark that is never closed",
      `telefono,nombre\n+34600123456,"Ana\n${"x\n".repeat(50)}`,
      "line",
    ],
    ["a row without an end", `telefono,nombre\n+34600123456,"${"x".repeat(200_000)}`, "128 KB"],
    ["a variable that is no column", "telefono\n+34600123456\n", "{{nombre}}"],
    [
      "a mapping to no column",
      "telefono,nombre\n+34600123456,Ana\n",
      "Contacto",
      { mapping: '{"phone":"Contacto"}' },
    ],
  ])("%s", async (_what, file, part, fields = {}) => {
    const answer = await csv({ csv: file, fields: { body: "Hola {{nombre}}", ...fields } });
    expect(answer.status).toBe(422);
    const detail = String(answer.body["detail"]);
    expect(detail).toContain(part);
    expect(detail).toContain("Nothing was created.");
  });

  test("the line of broken quotes is told, far into a file", async () => {
    const file = `telefono\n${"+34600123456\n".repeat(40)}"+34600123456\n${"+34600123456\n".repeat(40)}`;
    expect(expectProblem(await csv({ csv: file }), 422, "broken_csv")).toMatch(/line \d+/);
  });

  test.each([
    ["an Excel workbook", Buffer.from("PK\u0003\u0004rest of a workbook"), "Save it as CSV"],
    ["UTF-16", Buffer.from("\ufefftelefono\n+34600123456\n", "utf16le"), "UTF-16"],
    ["an image", Buffer.from("89504e470d0a1a0a0000000d49484452", "hex"), "not text"],
    ["a NUL in the third line", Buffer.from("telefono\n+34600123456\n+3460\u00000123457\n"), "line 3"],
  ])("%s is no CSV", async (_what, file, part) => {
    expect(expectProblem(await csv({ csv: file }), 422, "broken_csv")).toContain(part);
  });

  test("a number in a header that is data is not shown in the message", async () => {
    const detail = expectProblem(await csv({ csv: "+34600123456\n+34600123457\n" }), 422, "broken_csv");
    expect(detail).not.toContain("600123456");
  });

  test("a file over the limit is refused with the limit", async () => {
    const file = csvOf(10, () => `,${"x".repeat(150_000)}`, ",note");
    expect(expectProblem(await csv({ csv: file }), 413, "too_large")).toContain("limit of 1 MB");
  });

  test("a body of 60 MB is refused with the limit", async () => {
    const file = new Uint8Array(60 * 1_024 * 1_024).fill(0x61);
    expect(expectProblem(await csv({ csv: file }), 413, "too_large")).toContain("limit of 1 MB");
  });

  test("so is one whose sender may not create campaigns, before it is read", async () => {
    const file = new Uint8Array(60 * 1_024 * 1_024);
    const nobody = await upload<Record<string, unknown>>(app(), { csv: file }, { key: null });
    expectProblem(nobody, 401, "unauthenticated");
    const viewer = await upload<Record<string, unknown>>(app(), { csv: file }, { key: app().keys.viewer });
    expectProblem(viewer, 403, "forbidden");
  });

  test("more rows than the limit are refused with the limit, although the first batch was stored", async () => {
    expect(expectProblem(await csv({ csv: csvOf(5_000) }), 413, "too_large")).toContain(
      "limit of 100 messages",
    );
  });

  test("a form that is none", async () => {
    const headers = { "content-type": "multipart/form-data" };
    const answer = await app().call("POST", "/api/v1/campaigns", { json: "x", headers });
    expectProblem(answer, 400, "invalid_request");
  });

  test("a form that ends too early", async () => {
    const headers = { "content-type": "multipart/form-data; boundary=b" };
    const body =
      '--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\ntelefono\n+346001';
    expectProblem(
      await app().call("POST", "/api/v1/campaigns", { json: body, headers }),
      400,
      "invalid_request",
    );
  });
});

describe("jobs and paths", () => {
  test.each([
    ["GET", "/jobs/00000000-0000-4000-8000-000000000000"],
    ["GET", "/jobs/not-an-id"],
    ["POST", "/jobs/00000000-0000-4000-8000-000000000000/cancel"],
    ["GET", "/api/v1/jobs/00000000-0000-4000-8000-000000000000"],
    ["POST", "/api/v1/jobs/00000000-0000-4000-8000-000000000000/pause"],
    ["GET", "/api/v1/jobs/00000000-0000-4000-8000-000000000000/messages"],
    ["GET", "/api/v1/campaigns/nothing"],
    ["GET", "/api/v1/devices/7"],
    ["GET", "/api/v1/devices/99999999999"],
    ["GET", "/nothing/here"],
  ])("%s %s finds nothing", async (method, path) => {
    expectProblem(await app().call(method, path), 404, "not_found");
  });

  test("an address that is not well formed is refused", async () => {
    expectProblem(await app().call("GET", "/jobs/%ff"), 400, "invalid_request");
  });

  test.each([
    ["/api/v1/jobs?limit=0", "limit must be at least 1."],
    ["/api/v1/jobs?limit=many", "limit must be a number"],
    ["/jobs?limit=-1", "limit must be at least 1."],
    ["/api/v1/jobs?status=gone", "status must be one of"],
    ["/api/v1/jobs?campaign=1", "campaign must be an id (a UUID)."],
  ])("GET %s says what is wrong", async (path, detail) => {
    expect(expectProblem(await app().call("GET", path), 422, "validation_failed")).toContain(detail);
  });

  test.each(["x", "eyJhIjoxfQ", "WzEsMl0"])("the cursor %s is not ours", async (cursor) => {
    for (const list of ["jobs", "campaigns", "devices", "templates", "suppressions", "browser-contexts"]) {
      const answer = await app().call("GET", `/api/v1/${list}?cursor=${cursor}`);
      if (list === "devices" && answer.status === 200) continue;
      expectProblem(answer, 400, "invalid_request");
    }
  });

  test("a method that is not possible says which is", async () => {
    const answer = await app().call("PUT", "/api/v1/devices");
    expectProblem(answer, 405, "method_not_allowed");
    expect(answer.headers.get("allow")).toBe("POST, GET");
  });
});
