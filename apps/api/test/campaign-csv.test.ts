import type { CampaignCreated, RejectedRow } from "@pregonero/contracts";
import { describe, expect, test } from "vitest";
import { upload, type CampaignFormParts } from "./support/campaigns.ts";
import { testApi } from "./support/suite.ts";

const app = testApi({ DEFAULT_COUNTRY: "CO" });

interface Stored {
  readonly seq: number;
  readonly phone: string;
  readonly variables: Record<string, string>;
}

async function create(parts: CampaignFormParts): Promise<CampaignCreated & { stored: Stored[] }> {
  const { status, body } = await upload(app(), parts);
  expect({ status, body }).toMatchObject({ status: 201 });
  const { rows: stored } = await app().db.pool.query<Stored>(
    "SELECT seq, phone, variables FROM messages WHERE job_id = $1 ORDER BY seq",
    [body.job.id],
  );
  expect(body.job.total).toBe(stored.length);
  expect(body.accepted).toBe(stored.length);
  return { ...body, stored };
}

const windows1252 = (text: string): Uint8Array =>
  Uint8Array.from(text, (char) => (char === "€" ? 0x80 : char === "’" ? 0x92 : char.charCodeAt(0)));

describe("CSV files", () => {
  test.each([
    ["commas", ","],
    ["semicolons", ";"],
    ["tabs", "\t"],
    ["bars", "|"],
  ])("separated by %s are read", async (_name, separator) => {
    const csv =
      ["nombre", "telefono"].join(separator) +
      "\n" +
      ["Ana, María; o|más", "+34600123456"].map(quote).join(separator);
    const { stored } = await create({ csv, fields: { body: "{{nombre}}" } });
    expect(stored).toEqual([{ seq: 1, phone: "34600123456", variables: { nombre: "Ana, María; o|más" } }]);
  });

  test.each([
    ["UTF-8", (text: string) => text],
    ["UTF-8 with a byte order mark", (text: string) => `\ufeff${text}`],
    ["Windows-1252", windows1252],
  ])("in %s keep their accents", async (_name, encode) => {
    const csv = encode("teléfono;ñombre\r\n+34600123456;Ñandú’s 5€\r\n");
    const { stored } = await create({ csv, fields: { body: "{{Ñombre}}" } });
    expect(stored).toMatchObject([{ variables: { nombre: "Ñandú’s 5€" } }]);
  });

  test("characters of several bytes survive being cut between two chunks", async () => {
    const rows = Array.from(
      { length: 30_000 },
      (_, n) => `+34${600_000_000 + n},${"ñáé🙂".repeat(1 + (n % 7))}${n}`,
    );
    const { stored } = await create({
      csv: `telefono,nombre\n${rows.join("\n")}`,
      fields: { body: "{{nombre}}" },
    });
    expect(stored).toHaveLength(30_000);
    expect(
      stored.every(({ variables }, n) => variables["nombre"] === `${"ñáé🙂".repeat(1 + (n % 7))}${n}`),
    ).toBe(true);
  });

  test.each([
    "telefono",
    "Teléfono",
    "PHONE",
    "Celular",
    "número",
    "WhatsApp",
    "mobile",
    "MSISDN",
    " Phone ",
  ])("the column %j holds the numbers", async (name) => {
    const { stored } = await create({ csv: `id,${name}\n7,+34600123456\n`, fields: { body: "hi" } });
    expect(stored).toMatchObject([{ phone: "34600123456" }]);
  });

  test("a mapping says which column is what", async () => {
    const csv = "Contacto 1,Contacto 2,Cliente\n+34600123456,+34600123457,Ana\n";
    const fields = { body: "Hola {{nombre}}", mapping: '{"phone":"contacto 2","nombre":"CLIENTE"}' };
    const { stored } = await create({ csv, fields });
    expect(stored).toEqual([{ seq: 1, phone: "34600123457", variables: { nombre: "Ana" } }]);
  });

  test("Excel's own word for the separator is understood", async () => {
    const { stored } = await create({
      csv: "sep=|\ntelefono|nombre\n+34600123456|a;b\n",
      fields: { body: "{{nombre}}" },
    });
    expect(stored).toMatchObject([{ variables: { nombre: "a;b" } }]);
  });

  test("only the variables that the text uses are kept, frozen", async () => {
    const csv = "telefono,nombre,dni,constructor\n+34600123456,Ana,1234,x\n";
    const { stored } = await create({ csv, fields: { body: "{{nombre}} {{constructor}} {{hora|hoy}}" } });
    expect(stored).toMatchObject([{ variables: { nombre: "Ana", constructor: "x" } }]);
    expect(Object.keys(stored[0]?.variables ?? {}).sort()).toEqual(["constructor", "nombre"]);
  });

  test("values that look like COPY's own signs are stored as they are", async () => {
    const odd = 'tab\there "quoted" back\\slash \\N \\. line\nbreak {"a":1} \\u0041';
    const csv = `telefono,nombre\n+34600123456,${quote(odd)}\n`;
    const { stored } = await create({ csv, fields: { body: "{{nombre}}" } });
    expect(stored).toMatchObject([{ variables: { nombre: odd } }]);
  });

  test("national numbers are read in the default country", async () => {
    const { stored } = await create({
      csv: "celular\n3001234567\n573001234568\n+34600123456\n",
      fields: { body: "hi" },
    });
    expect(stored.map(({ phone }) => phone)).toEqual(["573001234567", "573001234568", "34600123456"]);
  });

  test("every rejected row is told with its line and reason, and the rest goes out", async () => {
    await app().call("POST", "/api/v1/suppressions", { json: { phone: "+34600000009" } });
    const csv = [
      "telefono,nombre",
      '+34600000001,"Ana',
      'María"',
      "",
      ",Eva",
      "123,Eva",
      "+34600000001,Ana again",
      "+34600000009,Leo",
      "+34600000002,",
      "+34600000003,Zoe,what is this",
      "+34600000004,Lia,",
    ].join("\n");
    const created = await create({ csv, fields: { body: "Hola {{nombre}}" } });
    const shown = created.rejected_rows.map(({ line, reason, phone }) => [line, reason, phone]);
    expect(shown).toEqual([
      [5, "missing_phone", "*****"],
      [6, "invalid_number", "*****"],
      [7, "duplicate", "+34*****001"],
      [8, "opted_out", "34*****009"],
      [9, "missing_variable", "+34*****002"],
      [10, "malformed_row", "+34*****003"],
    ]);
    expect(created).toMatchObject({ accepted: 2, rejected: 6, rejected_rows_truncated: false });
    expect(created.campaign).toMatchObject({ rows: 8, accepted: 2, rejected: 6, file_name: "clients.csv" });
    expect(created.stored.map(({ seq, phone }) => [seq, phone])).toEqual([
      [1, "34600000001"],
      [2, "34600000004"],
    ]);
    const list = await app().call<{ items: RejectedRow[] }>(
      "GET",
      `/api/v1/campaigns/${created.campaign.slug}/rejections`,
    );
    expect(list.body.items).toEqual(created.rejected_rows);
  });

  test("nobody on the list of opted-out numbers slips through, however long the list is", async () => {
    const { db, tenantId } = app();
    await db.pool.query(
      `INSERT INTO suppressions (tenant_id, phone, reason)
       SELECT $1, (34700000000 + n)::text, 'asked' FROM generate_series(1, 50001) n`,
      [tenantId],
    );
    try {
      const csv = "telefono\n+34700000000\n+34700000001\n+34700050001\n+34700050002\n";
      const created = await create({ csv, fields: { body: "hi" } });
      expect(created.rejected_rows.map(({ line, reason }) => [line, reason])).toEqual([
        [3, "opted_out"],
        [4, "opted_out"],
      ]);
    } finally {
      await db.pool.query("DELETE FROM suppressions WHERE tenant_id = $1", [tenantId]);
    }
  });

  test("of many rejected rows the answer has the first 1,000 and pages have all", async () => {
    const rows = Array.from({ length: 6_000 }, (_, n) => (n % 2 === 0 ? `+34${600_000_000 + n}` : "12"));
    const created = await create({ csv: `telefono\n${rows.join("\n")}`, fields: { body: "hi" } });
    expect(created).toMatchObject({ accepted: 3_000, rejected: 3_000, rejected_rows_truncated: true });
    expect(created.rejected_rows).toHaveLength(1_000);
    const lines: number[] = [];
    let cursor: string | null = "";
    while (cursor !== null) {
      const path: string = `/api/v1/campaigns/${created.campaign.id}/rejections?limit=700${cursor && `&cursor=${cursor}`}`;
      const page = await app().call<{ items: RejectedRow[]; next_cursor: string | null }>("GET", path);
      lines.push(...page.body.items.map(({ line }) => line));
      cursor = page.body.next_cursor;
    }
    expect(lines).toEqual(Array.from({ length: 3_000 }, (_, n) => 3 + 2 * n));
  });

  test.each([
    ["old Macs", "\r"],
    ["Windows", "\r\n"],
  ])("with the line ends of %s have the same lines", async (_name, end) => {
    const csv = ["telefono", "+34600000001", "x", "+34600000002", "y"].join(end);
    const created = await create({ csv, fields: { body: "hi" } });
    expect(created.rejected_rows.map(({ line }) => line)).toEqual([3, 5]);
  });
});

function quote(value: string): string {
  return `"${value.replaceAll('"', '""')}"`;
}
