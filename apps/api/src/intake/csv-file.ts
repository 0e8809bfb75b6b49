import { createReadStream } from "node:fs";
import { ApiProblem } from "../http/problem.ts";
import { sniffCsv } from "./csv-form.ts";
import { CsvFault, CsvScanner, longestRowChars, type CsvRow } from "./csv-scanner.ts";
import type { FileFacts } from "./file-inspector.ts";
import type { SpooledFile } from "./spool.ts";
import { decodeWindows1252 } from "./windows-1252.ts";

/** A chunk is cut up without a pause: small enough that nothing else waits for long. */
const readBytes = 64 * 1_024;
const rowsPerBatch = 2_500;

/**
 * The rows of a CSV file, the header first, without blank ones, in batches. Never holds more of the file than a batch.
 * @throws ApiProblem `broken_csv`
 */
export async function* readCsv(file: SpooledFile): AsyncGenerator<CsvRow[]> {
  if (file.binary) throw notText(file.binary);
  const scanner = new CsvScanner(await sniffCsv(file.path));
  let batch: CsvRow[] = [];
  try {
    for await (const text of textOf(file)) {
      for (const row of scanner.push(text)) if (!isBlank(row)) batch.push(row);
      if (batch.length < rowsPerBatch) continue;
      yield batch;
      batch = [];
    }
    for (const row of scanner.end()) if (!isBlank(row)) batch.push(row);
  } catch (error) {
    throw error instanceof CsvFault ? brokenRow(error) : error;
  }
  if (batch.length > 0) yield batch;
}

/** Pieces of the file, without a byte order mark and without `sep=`, which is for Excel alone. */
async function* textOf({ path, encoding }: SpooledFile): AsyncGenerator<string> {
  const utf8 = new TextDecoder("utf-8");
  let first = true;
  for await (const chunk of createReadStream(path, { highWaterMark: readBytes })) {
    const bytes = chunk as Buffer;
    const text = encoding === "utf-8" ? utf8.decode(bytes, { stream: true }) : decodeWindows1252(bytes);
    yield first ? text.replace(/^sep=.\r?\n/i, "") : text;
    first = false;
  }
}

function isBlank({ cells }: CsvRow): boolean {
  return cells.length === 1 && cells[0] === "";
}

function brokenRow({ kind, line }: CsvFault): ApiProblem {
  if (kind === "quote_not_closed") {
    return brokenCsv(`A quotation mark that is opened in the row at line ${line} is never closed.`);
  }
  const kilobytes = longestRowChars / 1_024;
  return brokenCsv(
    `The row at line ${line} is longer than ${kilobytes} KB: most likely a quotation mark that is never closed.`,
  );
}

function notText({ kind, line }: NonNullable<FileFacts["binary"]>): ApiProblem {
  if (kind === "zip") return brokenCsv("This is an Excel workbook or a ZIP file. Save it as CSV first.");
  if (kind === "utf-16") return brokenCsv("The file is encoded in UTF-16. Save it as CSV UTF-8.");
  return brokenCsv(`This is not a CSV file: there are bytes in line ${line} that are not text.`);
}

export function brokenCsv(detail: string): ApiProblem {
  return new ApiProblem("broken_csv", `${detail} Nothing was created.`);
}
