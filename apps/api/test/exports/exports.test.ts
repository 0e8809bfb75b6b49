import type { CampaignCreated } from "@pregonero/contracts";
import { makeDevice } from "@pregonero/db/testing";
import ExcelJS from "exceljs";
import { beforeAll, describe, expect, test } from "vitest";
import { testApi } from "../support/suite.ts";

const app = testApi();
let made: CampaignCreated;

beforeAll(async () => {
  await makeDevice(app().db, app().tenantId);
  const recipients = [
    { phone: "+34600123456", variables: { nombre: '=HYPERLINK("http://evil")' } },
    { phone: "+34600123457", variables: { nombre: "Ana, la primera" } },
    { phone: "nada", variables: {} },
  ];
  const json = { name: "Promo", body: "Hola {{nombre|amigo}}", recipients };
  made = (await app().call<CampaignCreated>("POST", "/api/v1/campaigns", { json })).body;
  await app().db.pool.query(
    "UPDATE messages SET state = 'failed', error_code = 'no_whatsapp', attempts = 1 WHERE job_id = $1 AND seq = 2",
    [made.job.id],
  );
});

const linesOf = (csv: string) =>
  csv
    .replace(/^\uFEFF/, "")
    .trimEnd()
    .split("\r\n");

async function workbookOf(path: string): Promise<ExcelJS.Worksheet> {
  const answer = await fetch(app().url + path, {
    headers: { authorization: `Bearer ${app().keys.operator}` },
  });
  expect(answer.headers.get("content-type")).toContain("spreadsheetml");
  expect(answer.headers.get("content-disposition")).toMatch(/filename="[\w-]+\.xlsx"/);
  const workbook = new ExcelJS.Workbook();
  await workbook.xlsx.load(await answer.arrayBuffer());
  const [sheet] = workbook.worksheets;
  if (!sheet) throw new Error("no sheet");
  return sheet;
}

describe("results per recipient", () => {
  test("as CSV: every recipient with what became of it, no cell a formula", async () => {
    for (const path of [`/api/v1/campaigns/promo/export.csv`, `/api/v1/jobs/${made.job.id}/export.csv`]) {
      const { body, headers } = await app().call<string>("GET", path);
      expect(headers.get("content-type")).toContain("text/csv");
      const [header, first, second, ...rest] = linesOf(body);
      expect(header).toMatch(/^job_id,number,phone,nombre,state,attempts,device,error_code/);
      expect(first).toContain(`,1,34600123456,"'=HYPERLINK(""http://evil"")",queued,0,`);
      expect(second).toContain(',2,34600123457,"Ana, la primera",failed,1,,no_whatsapp,');
      expect(rest).toEqual([]);
    }
  });

  test("as a workbook: the same", async () => {
    const sheet = await workbookOf("/api/v1/campaigns/promo/export.xlsx");
    expect(sheet.rowCount).toBe(3);
    expect(sheet.getRow(2).getCell(3).value).toBe("34600123456");
    expect(sheet.getRow(2).getCell(4).value).toBe('=HYPERLINK("http://evil")');
    expect(sheet.getRow(2).getCell(4).type).toBe(ExcelJS.ValueType.String);
  });

  test("for viewers: numbers masked, variables left out", async () => {
    const path = `/api/v1/jobs/${made.job.id}/export.csv`;
    const { body } = await app().call<string>("GET", path, { key: app().keys.viewer });
    expect(body).toContain("34*****456");
    expect(body).not.toContain("34600123456");
    expect(body).not.toContain("Ana");
  });

  test("rejected rows, as CSV and as a workbook", async () => {
    const { body } = await app().call<string>("GET", "/api/v1/campaigns/promo/rejections.csv");
    expect(linesOf(body)[1]).toMatch(/^3,invalid_number,/);
    expect((await workbookOf("/api/v1/campaigns/promo/rejections.xlsx")).rowCount).toBe(2);
  });
});

test("steps of a batch job", async () => {
  const { db, tenantId } = app();
  const { rows } = await db.pool.query<{ id: string }>(
    `WITH j AS (INSERT INTO scraping_jobs (id, tenant_id, config, total, created_by, updated_at)
       VALUES (gen_random_uuid(), $1, '{}', 1, 'test', now()) RETURNING id)
     INSERT INTO scraping_steps (id, tenant_id, job_id, step_number, name, host, url, result_data)
     SELECT gen_random_uuid(), $1, j.id, 1, 'a.example', 'a.example', 'https://a.example/', '{"title": "+A", "links": 7}' FROM j
     RETURNING job_id AS id`,
    [tenantId],
  );
  const { body } = await app().call<string>("GET", `/api/v1/jobs/${rows[0]?.id}/export.csv`);
  expect(linesOf(body)[1]).toMatch(/^1,a\.example,pending,0,,,'\+A,,,7,/);
});

test("100,000 recipients stream out in bounded memory, as CSV and as a workbook", async () => {
  const { db, tenantId } = app();
  await db.pool.query(
    `INSERT INTO messages (id, tenant_id, job_id, seq, phone, variables)
     SELECT gen_random_uuid(), $1, $2, n, (34600000000 + n)::text, jsonb_build_object('nombre', md5(n::text))
     FROM generate_series(3, 100000) n`,
    [tenantId, made.job.id],
  );
  for (const format of ["csv", "xlsx"]) {
    const before = used();
    let [peak, bytes] = [0, 0];
    const answer = await fetch(`${app().url}/api/v1/jobs/${made.job.id}/export.${format}`, {
      headers: { authorization: `Bearer ${app().keys.operator}` },
    });
    for await (const chunk of answer.body ?? []) {
      bytes += chunk.length;
      peak = Math.max(peak, used() - before);
    }
    expect(bytes).toBeGreaterThan(5_000_000);
    // All of it as objects takes several times as much.
    expect(peak).toBeLessThan(160 * 1_048_576);
  }
}, 120_000);

function used(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
