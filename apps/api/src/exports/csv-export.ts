import { csvRow } from "../http/csv.ts";
import type { Cell, Table } from "./table.ts";

/** Without it Excel takes UTF-8 for Windows-1252. */
const byteOrderMark = "\uFEFF";

export async function* csvOf(table: Table): AsyncGenerator<string> {
  yield byteOrderMark + csvRow(table.columns);
  for await (const batch of table.batches) yield batch.map((row) => csvRow(row.map(textOf))).join("");
}

function textOf(cell: Cell): string {
  if (cell instanceof Date) return cell.toISOString();
  return String(cell ?? "");
}
