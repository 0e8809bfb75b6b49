import {
  readRejections,
  readResults,
  readSteps,
  readVariableNames,
  type Database,
  type ResultRow,
  type StepRow,
} from "@pregonero/db";
import { maskPhone } from "@pregonero/domain";
import type { Cell, Table } from "./table.ts";

/** Viewers see figures, not whom they are about: numbers are masked, variables (names, …) left out. */
export interface Discretion {
  readonly masked: boolean;
}

/** What became of each recipient of these jobs. */
export async function resultsTable(
  db: Database,
  what: { readonly name: string; readonly jobIds: readonly string[] },
  { masked }: Discretion,
): Promise<Table> {
  const [first = ""] = what.jobIds;
  const variables = masked ? [] : await readVariableNames(db.pool, first);
  const columns = ["job_id", "number", "phone", ...variables, ...resultColumns];
  const cells = (row: ResultRow): Cell[] => [
    row.job_id,
    row.seq,
    masked ? maskPhone(row.phone) : row.phone,
    ...variables.map((name) => cellOf(row.variables?.[name])),
    row.state,
    row.attempts,
    row.device,
    row.error_code,
    row.error_detail,
    row.sent_at,
    row.delivered_at,
    row.read_at,
    row.finished_at,
    row.id,
  ];
  return { name: what.name, columns, batches: mapped(readResults(db, what.jobIds), cells) };
}

const resultColumns = [
  "state",
  "attempts",
  "device",
  "error_code",
  "error_detail",
  "sent_at",
  "delivered_at",
  "read_at",
  "finished_at",
  "message_id",
];

/** Rows of the audience that got no message. Numbers are stored masked. */
export function rejectionsTable(db: Database, what: { name: string; campaignId: string }): Table {
  const columns = ["line", "reason", "detail", "phone"];
  const batches = mapped(readRejections(db, what.campaignId), ({ line, reason, detail, phone }): Cell[] => [
    line,
    reason,
    detail,
    phone,
  ]);
  return { name: what.name, columns, batches };
}

/** What became of each domain of a batch job. */
export function stepsTable(db: Database, what: { name: string; jobId: string }): Table {
  const columns = [
    "step_number",
    "domain",
    "status",
    "attempts",
    "final_url",
    "http_status",
    "title",
    "language",
    "technologies",
    "links",
    "broken_links",
    "ttfb_ms",
    "load_ms",
    "bytes",
    "requests",
    "error_code",
    "error_message",
    "started_at",
    "completed_at",
    "report_id",
  ];
  const cells = (row: StepRow): Cell[] => {
    const result = row.result_data;
    return [
      row.step_number,
      row.name,
      row.status,
      row.attempts,
      result?.final_url,
      result?.http_status,
      result?.title,
      result?.language,
      result?.technologies?.join(", "),
      result?.links,
      result?.broken_links,
      result?.ttfb_ms,
      result?.load_ms,
      result?.bytes,
      result?.requests,
      row.error_code,
      row.error_message,
      row.started_at,
      row.completed_at,
      result?.report_id,
    ];
  };
  return { name: what.name, columns, batches: mapped(readSteps(db, what.jobId), cells) };
}

async function* mapped<Row>(
  batches: AsyncIterable<readonly Row[]>,
  cells: (row: Row) => Cell[],
): AsyncGenerator<Cell[][]> {
  for await (const batch of batches) yield batch.map(cells);
}

/** Variables are text; what a client of the first release stored may be anything. */
function cellOf(value: unknown): Cell {
  if (typeof value === "string" || typeof value === "number") return value;
  return value === undefined || value === null ? null : JSON.stringify(value);
}
