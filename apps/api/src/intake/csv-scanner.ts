export interface CsvRow {
  /** Of the file, where the row begins. */
  readonly line: number;
  readonly cells: readonly string[];
}

export interface CsvForm {
  readonly delimiter: string;
  readonly lineEnd: "\n" | "\r";
  /** The line, from 1, that the text begins with. */
  readonly firstLine: number;
}

/** The text is no CSV. */
export class CsvFault extends Error {
  override readonly name = "CsvFault";
  readonly kind: "quote_not_closed" | "row_too_long";
  /** Where the row begins. */
  readonly line: number;

  constructor(kind: CsvFault["kind"], line: number) {
    super(`${kind} at line ${line}`);
    this.kind = kind;
    this.line = line;
  }
}

/** Longer ones are a quotation mark that nobody closed. */
export const longestRowChars = 128 * 1_024;

/**
 * Cuts text into the rows of RFC 4180, a piece at a time, with the line that each begins on. Forgiving where people's
 * files are wrong: a quotation mark within a cell stands for itself, and what follows a closing one belongs to the cell.
 * By hand, because the usual parsers cost as much as everything else together that is done with a row.
 */
export class CsvScanner {
  readonly #delimiter: string;
  readonly #lineEnd: string;
  #line: number;
  #rest = "";

  constructor(form: CsvForm) {
    this.#delimiter = form.delimiter;
    this.#lineEnd = form.lineEnd;
    this.#line = form.firstLine;
  }

  /** The rows that are complete with this piece. @throws CsvFault */
  push(text: string): CsvRow[] {
    return this.#scan(this.#rest + text, false);
  }

  /** The last row, if its line has no end. @throws CsvFault */
  end(): CsvRow[] {
    return this.#scan(this.#rest, true);
  }

  #scan(text: string, last: boolean): CsvRow[] {
    const rows: CsvRow[] = [];
    let at = 0;
    let quote = text.indexOf('"');
    while (at < text.length) {
      if (quote >= 0 && quote < at) quote = text.indexOf('"', at);
      const end = this.#endOfLine(text, at, last);
      if (end < 0) break;
      if (quote < 0 || quote >= end) {
        rows.push({
          line: this.#line,
          cells: this.#withoutReturn(text.slice(at, end)).split(this.#delimiter),
        });
        this.#line++;
        at = end + 1;
        continue;
      }
      const row = this.#quotedRow(text, at, last);
      if (!row) break;
      rows.push({ line: this.#line, cells: row.cells });
      this.#line += this.#countLines(text, at, row.next);
      at = row.next;
    }
    this.#rest = text.slice(at);
    if (this.#rest.length > longestRowChars) throw new CsvFault("row_too_long", this.#line);
    if (last && this.#rest !== "") throw new CsvFault("quote_not_closed", this.#line);
    return rows;
  }

  /** @returns −1 when the line goes on in the next piece */
  #endOfLine(text: string, from: number, last: boolean): number {
    const end = text.indexOf(this.#lineEnd, from);
    return end < 0 && last ? text.length : end;
  }

  /** @returns null when the row goes on in the next piece; at the end of the text: when a quotation mark is open */
  #quotedRow(text: string, from: number, last: boolean): { cells: string[]; next: number } | null {
    const cells: string[] = [];
    let at = from;
    for (;;) {
      let value = "";
      if (text[at] === '"') {
        const close = closingQuote(text, at + 1);
        // A mark that ends the piece may be the first half of a doubled one.
        if (close < 0 || (close === text.length - 1 && !last)) return null;
        value = text.slice(at + 1, close).replaceAll('""', '"');
        at = close + 1;
      }
      const end = this.#endOfCell(text, at);
      if (end === text.length && !last) return null;
      const tail = text.slice(at, end);
      at = end + 1;
      if (text[end] === this.#delimiter) {
        cells.push(value + tail);
        continue;
      }
      cells.push(value + this.#withoutReturn(tail));
      return { cells, next: Math.min(at, text.length) };
    }
  }

  #endOfCell(text: string, from: number): number {
    let at = from;
    while (at < text.length && text[at] !== this.#delimiter && text[at] !== this.#lineEnd) at++;
    return at;
  }

  /** Windows ends its lines with two characters. */
  #withoutReturn(text: string): string {
    return this.#lineEnd === "\n" && text.endsWith("\r") ? text.slice(0, -1) : text;
  }

  #countLines(text: string, from: number, to: number): number {
    let lines = 0;
    for (
      let at = text.indexOf(this.#lineEnd, from);
      at >= 0 && at < to;
      at = text.indexOf(this.#lineEnd, at + 1)
    )
      lines++;
    return lines;
  }
}

/** The first mark that is not doubled, −1 for none. */
function closingQuote(text: string, from: number): number {
  let at = text.indexOf('"', from);
  while (at >= 0 && text[at + 1] === '"') at = text.indexOf('"', at + 2);
  return at;
}
