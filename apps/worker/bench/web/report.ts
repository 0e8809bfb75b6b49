import { cpus } from "node:os";

/** Rates are per second; `ratio` is ours / reference. */
export interface Case {
  readonly name: string;
  readonly ours: number;
  readonly reference: number;
  readonly unit: string;
  readonly ratio: number;
}

export function caseOf(name: string, ours: readonly number[], reference: readonly number[]): Case {
  const [a, b] = [median(ours), median(reference)];
  return { name, ours: Math.round(a), reference: Math.round(b), unit: "messages/s", ratio: round(a / b) };
}

/** A table for people and, as the last line, everything as one JSON object. */
export function print(cases: readonly Case[], conditions: Record<string, unknown>): void {
  const line = (...cells: readonly string[]): string =>
    cells.map((cell, index) => (index === 0 ? cell.padEnd(44) : cell.padStart(12))).join("");
  console.log(line("one browser context, messages/s", "ours", "reference", "ratio"));
  for (const { name, ours, reference, ratio } of cases) {
    console.log(line(name, String(ours), String(reference), ratio.toFixed(2)));
  }
  const machine = { cpus: cpus().length, cpu: cpus()[0]?.model ?? "unknown", node: process.version };
  console.log(JSON.stringify({ bench: "web", cases, conditions: { ...machine, ...conditions } }));
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
