import { open } from "node:fs/promises";

const candidates = [",", ";", "\t", "|"] as const;
/** A header longer than this is none. */
const sniffedBytes = 64 * 1_024;

export interface CsvForm {
  readonly delimiter: string;
  /** The line, from 1, that the header is on. */
  readonly headerLine: number;
}

/** Finds out what separates the columns: what the header has most of, outside of quotation marks. */
export async function sniffCsv(path: string): Promise<CsvForm> {
  // Separators and quotation marks are ASCII, whatever the encoding.
  const text = (await readStart(path)).toString("latin1").replace(/^\u00ef\u00bb\u00bf/, "");
  // Excel's own way of saying it.
  const said = /^sep=([,;\t|])\r?\n/i.exec(text)?.[1];
  if (said !== undefined) return { delimiter: said, headerLine: 2 };
  const counts = countOutsideQuotes(text.trimStart());
  const delimiter = candidates.reduce((best, next) =>
    (counts.get(next) ?? 0) > (counts.get(best) ?? 0) ? next : best,
  );
  return { delimiter, headerLine: 1 };
}

async function readStart(path: string): Promise<Buffer> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(sniffedBytes), position: 0 });
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** Of the first line. */
function countOutsideQuotes(text: string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  let quoted = false;
  for (const char of text) {
    if (char === '"') quoted = !quoted;
    else if (!quoted && (char === "\n" || char === "\r")) break;
    else if (!quoted) counts.set(char, (counts.get(char) ?? 0) + 1);
  }
  return counts;
}
