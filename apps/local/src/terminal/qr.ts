import { create } from "qrcode";

/** Modules that must stay light around a QR; scanners ask for 4 on paper, 2 is enough on a screen. */
const margin = 2;

// Two modules to a character: upper and lower half, each light or dark.
const halves: Readonly<Record<string, string>> = { "00": "█", "01": "▀", "10": "▄", "11": " " };

/** A QR as lines of text: light modules are drawn and dark ones left out, as it has to be on a dark screen. */
export function qrLines(content: string): string[] {
  const { modules } = create(content, { errorCorrectionLevel: "L" });
  const isDark = (row: number, column: number): "0" | "1" => {
    const inside = row >= 0 && column >= 0 && row < modules.size && column < modules.size;
    return inside && modules.get(row, column) === 1 ? "1" : "0";
  };
  const lines: string[] = [];
  for (let row = -margin; row < modules.size + margin; row += 2) {
    let line = "";
    for (let column = -margin; column < modules.size + margin; column++) {
      line += halves[isDark(row, column) + isDark(row + 1, column)] ?? "";
    }
    lines.push(line);
  }
  return lines;
}
