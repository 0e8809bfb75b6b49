import type { SuppressionImported } from "@pregonero/contracts";
import { makeTenant } from "@pregonero/db/testing";
import { expect, test } from "vitest";
import { expectProblem } from "./support/api.ts";
import { testApi } from "./support/suite.ts";

const app = testApi();
const path = "/api/v1/suppressions";

async function importCsv(csv: string, fields: Record<string, string> = {}) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  form.set("file", new Blob([csv]), "bajas.csv");
  return await app().call<SuppressionImported>("POST", `${path}/import`, { form });
}

test("a CSV puts its numbers on the list; bad rows are told and stop nothing", async () => {
  const csv = "Nombre;Teléfono\nAna;+34600000001\nEva;+34600000002\nEva;+34600000002\nUlf;nada\n";
  const first = await importCsv(csv, { reason: '=HYPERLINK("x")' });
  expect(first.status).toBe(200);
  expect(first.body).toMatchObject({
    added: 2,
    known: 1,
    rejected: 1,
    rejected_rows: [{ line: 5, reason: "invalid_number" }],
  });
  expect((await importCsv(csv)).body).toMatchObject({ added: 0, known: 3, rejected: 1 });
  expect(await app().count("suppressions")).toBe(2);
});

test("so does a list in JSON", async () => {
  const json = { phones: ["+34600000003", 34600000004, "x"], reason: "-1+1, said so" };
  const answer = await app().call<SuppressionImported>("POST", `${path}/import`, { json });
  expect(answer.body).toMatchObject({ added: 2, known: 0, rejected: 1 });
});

test("the export has every number once, and no formula", async () => {
  const answer = await app().call<string>("GET", `${path}/export`);
  expect(answer.headers.get("content-type")).toContain("text/csv");
  const lines = answer.body.trimEnd().split("\r\n");
  expect(lines[0]).toBe("phone,reason,created_at");
  expect(lines[1]).toMatch(/^34600000001,"'=HYPERLINK\(""x""\)",\d{4}-/);
  expect(lines[3]).toMatch(/^34600000003,"'-1\+1, said so",/);
  expect(lines).toHaveLength(5);
});

test("a file without numbers adds nothing; viewers and strangers see nothing", async () => {
  const broken = await app().call("POST", `${path}/import`, { form: fileOf("nombre\nAna\n") });
  expectProblem(broken, 422, "broken_csv");
  expectProblem(await app().call("GET", `${path}/export`, { key: app().keys.viewer }), 403, "forbidden");
  const key = await app().keyFor(await makeTenant(app().db), "admin");
  expect((await app().call<string>("GET", `${path}/export`, { key })).body).toBe(
    "phone,reason,created_at\r\n",
  );
});

function fileOf(csv: string): FormData {
  const form = new FormData();
  form.set("file", new Blob([csv]), "x.csv");
  return form;
}
