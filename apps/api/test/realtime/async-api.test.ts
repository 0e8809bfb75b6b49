import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { Ajv } from "ajv";
import addFormats from "ajv-formats";
import { beforeAll, expect, test } from "vitest";
import { asyncApiDocument } from "../../src/realtime/index.ts";

type Json = Record<string, unknown>;

const document = asyncApiDocument({ version: "1.2.3" });
let schema: Json;

beforeAll(async () => {
  const file = createRequire(import.meta.url).resolve("@asyncapi/specs/schemas/3.0.0.json");
  schema = JSON.parse(await readFile(file, "utf8")) as Json;
});

const at = (path: string): unknown =>
  path
    .slice(2)
    .split("/")
    .reduce<unknown>((value, key) => (value as Json | undefined)?.[key], document);

test("the document is valid AsyncAPI 3, by the schema of its authors", () => {
  const ajv = new Ajv({ strict: false, allErrors: true, meta: false, validateSchema: false });
  (addFormats as unknown as (ajv: Ajv) => void)(ajv);
  const validate = ajv.compile(schema);
  validate(document);
  expect(validate.errors).toBeNull();
  const broken = { ...document, channels: { x: { address: 7 } } };
  expect(validate(broken)).toBe(false);
});

test("every reference leads somewhere", () => {
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"(#[^"]+)"/g)].map(
    ([, path]) => path ?? "",
  );
  expect(references.length).toBeGreaterThan(100);
  expect(references.filter((path) => at(path) === undefined)).toEqual([]);
});

test("every kind of frame of all dialects is in it", () => {
  expect(Object.keys(at("#/components/messages") as Json)).toEqual(
    expect.arrayContaining([
      "channels.Subscribe",
      "channels.Events",
      "channels.State",
      "channels.SnapshotRequired",
      "channels.Bye",
      "jobs.SubscribeJob",
      "jobs.Progress",
      "jobs.Error",
      "jobs.Refusal",
      "jobs.JobCompleted",
      "crm.NewMessage",
      "crm.WhatsappStatusChanged",
      "crm.BulkMessageCompleted",
    ]),
  );
});
