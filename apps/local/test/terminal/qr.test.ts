import { create } from "qrcode";
import { expect, test } from "vitest";
import { qrLines } from "../../src/terminal/qr.ts";

/** Each character as the two modules that it shows: 1 is dark. */
const shown: Readonly<Record<string, readonly [number, number]>> = {
  "█": [0, 0],
  "▀": [0, 1],
  "▄": [1, 0],
  " ": [1, 1],
};

test("the drawing has every module of the QR, with a light margin around", () => {
  const content = `2@${"x9Kq".repeat(40)},abc==,def==`;
  const { modules } = create(content, { errorCorrectionLevel: "L" });
  const rows = qrLines(content).flatMap((line) => {
    const pairs = Array.from(line, (character) => shown[character] ?? [9, 9]);
    return [pairs.map(([upper]) => upper), pairs.map(([, lower]) => lower)];
  });
  const width = modules.size + 4;
  expect(rows.every((row) => row.length === width)).toBe(true);
  const inner = rows.slice(2, 2 + modules.size).map((row) => row.slice(2, 2 + modules.size));
  const expected = Array.from({ length: modules.size }, (_, row) =>
    Array.from({ length: modules.size }, (_unused, column) => modules.get(row, column)),
  );
  expect(inner).toEqual(expected);
  const margin = [...rows.slice(0, 2), ...rows.slice(2 + modules.size)].flat();
  expect(margin.every((module) => module === 0)).toBe(true);
});
