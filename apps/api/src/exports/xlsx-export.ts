import { once } from "node:events";
import { PassThrough, type Readable, type Writable } from "node:stream";
import ExcelJS from "exceljs";
import type { Table } from "./table.ts";

/** Excel has 1,048,576 rows in a sheet. */
const rowsPerSheet = 1_000_000;

/**
 * A workbook as it is written: its rows are read as the caller takes bytes, so that neither a slow caller nor a long table
 * fills the memory. Destroying the stream ends it all.
 */
export function xlsxOf(table: Table, { sheetRows = rowsPerSheet } = {}): Readable {
  const out = new PassThrough();
  write(table, out, sheetRows).catch((error: unknown) => {
    out.destroy(
      error instanceof Error ? error : new Error("the workbook could not be written", { cause: error }),
    );
  });
  return out;
}

async function write(table: Table, out: PassThrough, sheetRows: number): Promise<void> {
  const workbook = new ExcelJS.stream.xlsx.WorkbookWriter({
    stream: out,
    useStyles: true,
    useSharedStrings: false,
    // archiver's own measure is a megabyte at each of four stages.
    zip: { zlib: { level: 4 }, highWaterMark: 65_536 } as object,
  });
  let sheet = addSheet(workbook, table, 1);
  let sheets = 1;
  let inSheet = 0;
  for await (const batch of table.batches) {
    for (const row of batch) {
      if (inSheet === sheetRows) {
        sheet.commit();
        sheets += 1;
        sheet = addSheet(workbook, table, sheets);
        inSheet = 0;
      }
      // Text stays text: a cell of this kind is never taken for a formula.
      sheet.addRow(row.map((cell) => cell ?? null)).commit();
      inSheet += 1;
    }
    await drained(sheet, out);
    if (out.destroyed) return;
  }
  sheet.commit();
  await workbook.commit();
}

function addSheet(
  workbook: ExcelJS.stream.xlsx.WorkbookWriter,
  { columns }: Table,
  number: number,
): ExcelJS.Worksheet {
  const sheet = workbook.addWorksheet(number === 1 ? "Pregonero" : `Pregonero ${number}`, {
    views: [{ state: "frozen", ySplit: 1 }],
  });
  sheet.columns = columns.map((header) => ({
    header,
    width: Math.max(12, Math.min(header.length + 4, 40)),
    ...(header.endsWith("_at") ? { style: { numFmt: "yyyy-mm-dd hh:mm:ss" }, width: 20 } : {}),
  }));
  sheet.autoFilter = { from: { row: 1, column: 1 }, to: { row: 1, column: columns.length } };
  const header = sheet.getRow(1);
  header.font = { bold: true };
  header.commit();
  return sheet;
}

/**
 * Waits until there is room: what was written has gone through the compression, and the caller has taken what came out of
 * it. exceljs and archiver hand data on without minding either, and would hold a whole table that is read faster than it
 * is fetched.
 */
async function drained(sheet: ExcelJS.Worksheet, out: PassThrough): Promise<void> {
  const { stream } = sheet as unknown as { readonly stream: { readonly pipes: readonly Writable[] } };
  const [entry] = stream.pipes;
  if (entry && entry.writableLength > 0) await drainOrClose(entry, out);
  if (out.writableNeedDrain) await drainOrClose(out, out);
}

async function drainOrClose(stream: Writable, out: PassThrough): Promise<void> {
  if (out.destroyed) return;
  const waiting = new AbortController();
  const { signal } = waiting;
  const events = [once(stream, "drain", { signal }), once(out, "close", { signal })];
  await Promise.race(events.map((event) => event.catch(() => undefined))).finally(() => waiting.abort());
}
