import type { Report } from "../run/run.ts";
import type { Tally } from "../run/tally.ts";

const headings = [
  "fault",
  "injected",
  "messages",
  "lost",
  "doubled",
  "unknown left",
  "failed",
  "recovered in s",
];

const mostShown = 10;

/** The table, what was found, and as the last line the figures as JSON. */
export function lines({ tallies, memory, findings }: Report): string[] {
  const ofFaults = tallies.flatMap(({ name, findings: of }) => some(of).map((text) => `${name}: ${text}`));
  const all = [...ofFaults, ...some(findings)];
  return [
    ...table([headings, ...tallies.map(cells)]),
    "",
    share(tallies),
    `Memory of workers, API and browsers: ${memory.startMb} MB at the start, ${memory.endMb} MB at the end.`,
    ...all.map((text) => `✗ ${text}`),
    all.length === 0 ? "Every promise held." : "Not every promise held.",
    JSON.stringify({
      faults: tallies.map(({ name, injected, lost, doubled, unknown, recoverS }) => ({
        name,
        injected,
        lost,
        doubled,
        unknown,
        recoverS,
      })),
      memory,
    }),
  ];
}

/** What went wrong once often went wrong a hundred times. */
function some(findings: readonly string[]): string[] {
  const shown = findings.slice(0, mostShown);
  const more = findings.length - shown.length;
  return more === 0 ? shown : [...shown, `… and ${more} more`];
}

export const isClean = ({ tallies, findings }: Report): boolean =>
  findings.length === 0 && tallies.every((tally) => tally.findings.length === 0);

function cells(tally: Tally): (string | number)[] {
  const { name, injected, messages, lost, doubled, unknown, failed, recoverS } = tally;
  if (tally.skipped !== null) return [`${name} (not tried: ${tally.skipped})`, 0, 0, 0, 0, 0, 0, 0];
  return [name, injected, messages, lost, doubled, unknown, failed, recoverS.toFixed(1)];
}

function share(tallies: readonly Tally[]): string {
  const sum = (of: "messages" | "unknown") => tallies.reduce((total, tally) => total + tally[of], 0);
  const [messages, unknown] = [sum("messages"), sum("unknown")];
  const percent = messages === 0 ? 0 : (100 * unknown) / messages;
  return `${messages} messages; the outcome of ${unknown} (${percent.toFixed(2)} %) could not be observed.`;
}

/** Columns as wide as their widest cell; all but the first to the right. */
function table(rows: readonly (readonly (string | number)[])[]): string[] {
  const widths = headings.map((_, column) =>
    Math.max(...rows.map((row) => String(row[column] ?? "").length)),
  );
  return rows.map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? String(cell).padEnd(widths[column] ?? 0) : String(cell).padStart(widths[column] ?? 0),
      )
      .join("  "),
  );
}
