import { once } from "node:events";
import { buffer } from "node:stream/consumers";
import { setImmediate as turn } from "node:timers/promises";
import ExcelJS from "exceljs";
import { Readable } from "node:stream";
import { expect, test } from "vitest";
import { csvOf } from "../../src/exports/csv-export.ts";
import type { Cell, Table } from "../../src/exports/table.ts";
import { xlsxOf } from "../../src/exports/xlsx-export.ts";

const batchRows = 1_000;

/** So many rows, and how many of them were asked for. */
function longTable(rows: number): { table: Table; read: () => number } {
  let read = 0;
  async function* batches(): AsyncGenerator<Cell[][]> {
    for (; read < rows; read += batchRows) {
      await turn();
      yield Array.from({ length: batchRows }, (_, n) => [
        read + n + 1,
        `3460${String(Math.random()).slice(2, 9)}`,
        `=cmd|' /C calc'!A${n} ${Math.random().toString(36)}`,
        new Date(0),
        null,
      ]);
    }
  }
  return {
    table: { name: "t", columns: ["n", "phone", "text", "sent_at", "empty"], batches: batches() },
    read: () => read,
  };
}

/** Waits until nothing more is read, however long the caller takes nothing. */
async function standstill(read: () => number): Promise<number> {
  let [last, still] = [-1, 0];
  while (still < 200) {
    await turn();
    still = read() === last ? still + 1 : 0;
    last = read();
  }
  return last;
}

test.each([
  ["CSV", (table: Table) => Readable.from(csvOf(table))],
  ["workbook", (table: Table) => xlsxOf(table)],
])("a %s that nobody fetches reads on no further, and is whole for who goes on", async (_name, make) => {
  const { table, read } = longTable(60_000);
  const stream = make(table);
  await once(stream, "readable");
  expect(await standstill(read)).toBeLessThan(20_000);
  expect((await buffer(stream)).length).toBeGreaterThan(1_000_000);
  expect(read()).toBe(60_000);
});

test("a caller that hangs up ends the reading", async () => {
  const { table, read } = longTable(60_000);
  const stream = xlsxOf(table);
  await once(stream, "readable");
  stream.destroy();
  expect(await standstill(read)).toBeLessThan(60_000);
});

test("a workbook opens; text that looks like a formula is text, dates are dates, rows beyond a sheet go to the next", async () => {
  const { table } = longTable(3_000);
  const file = await buffer(xlsxOf(table, { sheetRows: 2_000 }));
  const workbook = new ExcelJS.Workbook();
  await workbook.xlsx.load(file as unknown as ArrayBuffer);
  expect(workbook.worksheets.map((sheet) => sheet.rowCount)).toEqual([2_001, 1_001]);
  const [sheet] = workbook.worksheets;
  expect(sheet?.getRow(1).values).toEqual([undefined, ...table.columns]);
  const row = sheet?.getRow(2);
  expect(row?.getCell(3).type).toBe(ExcelJS.ValueType.String);
  expect(row?.getCell(3).text).toMatch(/^=cmd/);
  expect(row?.getCell(4).value).toEqual(new Date(0));
});
