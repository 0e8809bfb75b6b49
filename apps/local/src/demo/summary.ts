import { maskPhone } from "@pregonero/runtime";
import { table } from "../terminal/table.ts";
import type { Terminal } from "../terminal/terminal.ts";
import type { Check, DemoResult } from "./result.ts";

export interface SummaryOptions {
  readonly terminal: Terminal;
  /** Also what arrived for each single number. */
  readonly all: boolean;
}

/** What happened, for people. */
export function summaryLines(
  result: DemoResult,
  checks: readonly Check[],
  options: SummaryOptions,
): string[] {
  const { terminal, all } = options;
  const title = (text: string) => ["", terminal.paint("bold", text)];
  const mark = (holds: boolean) => (holds ? terminal.paint("green", "✓") : terminal.paint("red", "✗"));
  return [
    ...title("Summary"),
    ...figures(result),
    ...title(`Rejected rows (${result.created.rejected})`),
    ...rejected(result),
    ...title("By device"),
    ...devices(result),
    ...title("What arrived, as the sandbox counted it"),
    ...arrived(result, all),
    ...title("Do the figures agree?"),
    ...checks.map(({ what, holds }) => `  ${mark(holds)} ${what}`),
    ...result.disagreements.map(
      ({ phone, sent, arrived: got }) => `      ${maskPhone(phone)}: ${sent} sent, ${got} arrived`,
    ),
  ];
}

function figures({ created, job, messages }: DemoResult): string[] {
  const { sent, delivered, read, failed, unknown } = job.progress;
  const reasons = countBy(
    messages.filter(({ state }) => state === "failed").map((row) => row.error_code ?? "?"),
  );
  const rejections = countBy(created.rejected_rows.map(({ reason }) => reason));
  return table([
    ["rows", created.campaign.rows, ""],
    ["accepted", created.accepted, ""],
    ["rejected", created.rejected, told(rejections)],
    ["sent", sent, `delivered ${delivered}, read ${read}`],
    ["failed", failed, told(reasons)],
    ...(unknown > 0 ? [["unknown", unknown, ""]] : []),
  ]);
}

function rejected({ created }: DemoResult): string[] {
  const rows = created.rejected_rows.map(({ line, reason, detail, phone }) => [line, reason, phone, detail]);
  return table([["line", "reason", "number", ""], ...rows]);
}

function devices({ job }: DemoResult): string[] {
  return table(job.devices.map(({ name, sent, failed }) => [name, "sent", sent, "failed", failed]));
}

function arrived({ arrivals }: DemoResult, all: boolean): string[] {
  const perNumber = countBy(arrivals.map(({ to }) => to));
  const numbersBy = countBy([...perNumber.values()].map(String));
  const example = arrivals.find(({ text }) => /[áéíóúñ]/i.test(text)) ?? arrivals[0];
  return [
    ...table(
      [...numbersBy].map(([times, numbers]) => [
        numbers,
        `numbers got ${times} message${times === "1" ? "" : "s"}`,
      ]),
    ),
    ...(example ? [`  one of them, ${maskPhone(example.to)}: “${example.text}”`] : []),
    ...(all ? table([...perNumber].map(([to, count]) => [to, count])) : []),
  ];
}

function countBy(keys: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}

function told(counts: ReadonlyMap<string, number>): string {
  return [...counts].map(([key, count]) => `${key} ${count}`).join(", ");
}
