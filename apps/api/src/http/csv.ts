/** What makes spreadsheets take a cell for a formula. */
const formulaStart = /^[=+\-@\t\r]/;

/** One line of CSV. A cell that would be a formula gets an apostrophe, which spreadsheets take for "this is text". */
export function csvRow(cells: readonly string[]): string {
  return `${cells.map(cellOf).join(",")}\r\n`;
}

function cellOf(text: string): string {
  const safe = formulaStart.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
