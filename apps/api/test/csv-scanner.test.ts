import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CsvFault, CsvScanner, longestRowChars, type CsvForm } from "../src/intake/csv-scanner.ts";

const form: CsvForm = { delimiter: ",", lineEnd: "\n", firstLine: 1 };

function scan(pieces: readonly string[], given: Partial<CsvForm> = {}): [number, ...string[]][] {
  const scanner = new CsvScanner({ ...form, ...given });
  const rows = [...pieces.flatMap((piece) => scanner.push(piece)), ...scanner.end()];
  return rows.map(({ line, cells }) => [line, ...cells]);
}

describe("cutting CSV into rows", () => {
  test("quoted cells hold separators, line ends and marks", () => {
    expect(scan(['a,"b,""c""\nd",e\n"",x,"y"\r\nlast'])).toEqual([
      [1, "a", 'b,"c"\nd', "e"],
      [3, "", "x", "y"],
      [4, "last"],
    ]);
  });

  test("a mark within a cell stands for itself, and what follows a closing one belongs to the cell", () => {
    expect(scan(['5" pipe,x"y"\n"a"b,"c" \n'])).toEqual([
      [1, '5" pipe', 'x"y"'],
      [2, "ab", "c "],
    ]);
  });

  test.each([
    ["no line end at the end", "a,b", [[1, "a", "b"]]],
    [
      "a separator at the end",
      "a,\n,b\n",
      [
        [1, "a", ""],
        [2, "", "b"],
      ],
    ],
    ["a quoted cell at the end", 'a,"b"', [[1, "a", "b"]]],
    ["an empty quoted cell at the end", '"a",""', [[1, "a", ""]]],
    [
      "blank lines",
      "a\n\nb\n",
      [
        [1, "a"],
        [2, ""],
        [3, "b"],
      ],
    ],
    ["nothing", "", []],
  ])("%s", (_what, text, rows) => {
    expect(scan([text])).toEqual(rows);
  });

  test("whatever is written comes back, wherever the text is cut, with the line that each row begins on", () => {
    const cell = fc.string({
      unit: fc.constantFrom("a", "ñ", "🙂", '"', ",", "\n", "\r", " "),
      maxLength: 8,
    });
    const table = fc.array(fc.array(cell, { minLength: 1, maxLength: 4 }), { maxLength: 8 });
    const ends = fc.constantFrom<"\n" | "\r\n">("\n", "\r\n");
    fc.assert(
      fc.property(table, ends, fc.boolean(), fc.array(fc.nat(60)), (rows, end, quoteAll, cuts) => {
        const written = rows.map((cells) => cells.map((value) => write(value, quoteAll)).join(","));
        const text = written.map((row) => row + end).join("");
        let line = 1;
        const expected = rows.map((cells, n) => {
          const at = line;
          line += (written[n] ?? "").split("\n").length;
          return [at, ...cells];
        });
        expect(scan(cutAt(text, cuts))).toEqual(expected);
      }),
      { numRuns: 2_000 },
    );
  });

  test.each([
    ['a\nb,"c\nd\n', "quote_not_closed", 2],
    ['a\n"', "quote_not_closed", 2],
    [`a\nb\n"${"x\n".repeat(longestRowChars)}`, "row_too_long", 3],
    ["x".repeat(longestRowChars + 1), "row_too_long", 1],
  ])("a fault names the line of its row", (text, kind, line) => {
    for (const pieces of [[text], cutAt(text, [1, 3, 5])]) {
      expect(() => scan(pieces)).toThrow(CsvFault);
      expect(() => scan(pieces)).toThrow(expect.objectContaining({ kind, line }));
    }
  });
});

function write(value: string, quoteAll: boolean): string {
  if (!quoteAll && !/[",\n\r]/.test(value)) return value;
  return `"${value.replaceAll('"', '""')}"`;
}

function cutAt(text: string, cuts: readonly number[]): string[] {
  const places = [0, ...cuts.toSorted((a, b) => a - b), text.length];
  return places.slice(1).map((place, n) => text.slice(places[n], place));
}
