import { CsvError, parse, type Parser } from "csv-parse";
import { once } from "node:events";
import { createReadStream } from "node:fs";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { ApiProblem } from "../http/problem.ts";
import { sniffCsv } from "./delimiter.ts";
import type { FileFacts } from "./file-inspector.ts";
import type { SpooledFile } from "./spool.ts";
import { decodeWindows1252 } from "./windows-1252.ts";

export interface CsvRow {
  /** Of the file, where the row begins; the header is on line 1. */
  readonly line: number;
  readonly cells: readonly string[];
}

/** Longer ones are a quotation mark that nobody closed. */
const longestRowChars = 128 * 1_024;
/** A chunk is parsed without a pause: small enough that nothing else waits for long. */
const readBytes = 64 * 1_024;
const rowsPerBatch = 2_500;

/**
 * The rows of a CSV file, the header first, in batches. Never holds more of the file than a batch.
 * @throws ApiProblem `broken_csv`
 */
export async function* readCsv(file: SpooledFile): AsyncGenerator<CsvRow[]> {
  if (file.binary) throw notText(file.binary);
  const { delimiter, headerLine } = await sniffCsv(file.path);
  const parser = parse({
    bom: true,
    delimiter,
    relax_column_count: true,
    relax_quotes: true,
    max_record_size: longestRowChars,
    from_line: headerLine,
  });
  const feeding = feed(file, parser);
  // Awaited at the end; until then a failure reaches us through the parser.
  feeding.catch(() => undefined);
  try {
    yield* batches(parser, headerLine);
    await feeding;
  } catch (error) {
    throw error instanceof CsvError ? brokenRow(error) : error;
  } finally {
    parser.destroy();
  }
}

async function feed(file: SpooledFile, parser: Parser): Promise<void> {
  const source = createReadStream(file.path, { highWaterMark: readBytes });
  if (file.encoding === "utf-8") await pipeline(source, parser);
  else await pipeline(source, fromWindows1252(), parser);
}

/** The parser knows UTF-8 alone. */
function fromWindows1252(): Transform {
  return new Transform({
    transform: (chunk: Buffer, _encoding, done) => done(null, Buffer.from(decodeWindows1252(chunk))),
  });
}

async function* batches(parser: Parser, firstLine: number): AsyncGenerator<CsvRow[]> {
  let batch: CsvRow[] = [];
  let line = firstLine;
  while (!parser.readableEnded) {
    const cells = parser.read() as string[] | null;
    if (cells === null) {
      if (!(await moreToRead(parser))) break;
      continue;
    }
    if (!isBlank(cells)) batch.push({ line, cells });
    line += linesOf(cells);
    if (batch.length < rowsPerBatch) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

function isBlank(cells: readonly string[]): boolean {
  return cells.length === 1 && cells[0] === "";
}

/** Text in quotation marks may span several lines. Counted here: the parser's own count doubles the cost of a row. */
function linesOf(cells: readonly string[]): number {
  let lines = 1;
  for (const cell of cells) {
    if (cell.includes("\n") || cell.includes("\r")) lines += cell.split(/\r\n|\n|\r/).length - 1;
  }
  return lines;
}

/** Waits for rows. @returns false at the end of the file. Rejects when the file is broken. */
async function moreToRead(parser: Parser): Promise<boolean> {
  if (parser.errored) throw parser.errored;
  const stop = new AbortController();
  const { signal } = stop;
  try {
    // `once` rejects with the parser's error.
    return await Promise.race([
      once(parser, "readable", { signal }).then(() => true),
      once(parser, "end", { signal }).then(() => false),
    ]);
  } finally {
    stop.abort();
  }
}

function brokenRow(error: CsvError): ApiProblem {
  const line = typeof error["lines"] === "number" ? error["lines"] : 0;
  const where = line > 0 ? ` at line ${line} or just before it` : "";
  if (error.code === "CSV_QUOTE_NOT_CLOSED") {
    return brokenCsv(`A quotation mark is opened and never closed${where}.`);
  }
  if (error.code === "CSV_MAX_RECORD_SIZE") {
    return brokenCsv(
      `A row is longer than ${longestRowChars / 1_024} KB${where}: most likely a quotation mark that is never closed.`,
    );
  }
  return brokenCsv(`A row cannot be read${where}.`);
}

function notText({ kind, line }: NonNullable<FileFacts["binary"]>): ApiProblem {
  if (kind === "zip") return brokenCsv("This is an Excel workbook or a ZIP file. Save it as CSV first.");
  if (kind === "utf-16") return brokenCsv("The file is encoded in UTF-16. Save it as CSV UTF-8.");
  return brokenCsv(`This is not a CSV file: there are bytes in line ${line} that are not text.`);
}

export function brokenCsv(detail: string): ApiProblem {
  return new ApiProblem("broken_csv", `${detail} Nothing was created.`);
}
