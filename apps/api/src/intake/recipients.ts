import {
  findColumns,
  keyVariables,
  variablesOf,
  type AudienceColumns,
  type Template,
} from "@pregonero/domain";
import type { TemplateVariables } from "@pregonero/domain";
import type { z } from "zod";
import type { recipientSchema } from "@pregonero/contracts";
import { brokenCsv, readCsv, type CsvRow } from "./csv-file.ts";
import { givenVariables } from "./given-variables.ts";
import type { SpooledFile } from "./spool.ts";

/** One recipient as given, not judged yet. */
export interface GivenRecipient {
  /** Line of the file, or place in the list from 1. */
  readonly line: number;
  readonly phone: string;
  /** By the variables' keys. */
  readonly variables: TemplateVariables;
  /** Why the row itself cannot be read, for people. */
  readonly malformed?: string;
}

const listBatch = 2_500;

/** Recipients of a JSON request. */
export async function* recipientsOfList(
  list: readonly z.output<typeof recipientSchema>[],
): AsyncGenerator<GivenRecipient[]> {
  for (let from = 0; from < list.length; from += listBatch) {
    yield list.slice(from, from + listBatch).map(({ phone, variables }, index) => ({
      line: from + index + 1,
      phone: String(phone),
      variables: keyVariables(givenVariables(variables)),
    }));
  }
}

/**
 * Recipients of a CSV file, a batch at a time.
 * @throws ApiProblem `broken_csv` when the file cannot be read or lacks a column
 */
export async function* recipientsOfCsv(
  file: SpooledFile,
  template: Template,
  mapping: Readonly<Record<string, string>> | undefined,
): AsyncGenerator<GivenRecipient[]> {
  let columns: AudienceColumns | undefined;
  let width = 0;
  for await (const batch of readCsv(file)) {
    let rows = batch;
    if (columns === undefined) {
      const [header, ...rest] = batch;
      columns = columnsOf(header, template, mapping);
      width = header?.cells.length ?? 0;
      rows = rest;
    }
    const found = columns;
    yield rows.map((row) => toRecipient(row, found, width));
  }
  if (columns === undefined) throw brokenCsv("The file is empty.");
}

function columnsOf(
  header: CsvRow | undefined,
  template: Template,
  mapping: Readonly<Record<string, string>> | undefined,
): AudienceColumns {
  const result = findColumns(header?.cells ?? [], variablesOf(template), mapping);
  if (!result.ok) throw brokenCsv(result.detail);
  return result.columns;
}

/** One row as a recipient. @param width of the header */
export function toRecipient(
  { line, cells }: CsvRow,
  columns: AudienceColumns,
  width: number,
): GivenRecipient {
  const variables: Record<string, string> = {};
  for (const { key, column } of columns.variables) variables[key] = cells[column] ?? "";
  const phone = cells[columns.phone] ?? "";
  // A separator within a text shifts what follows: better no message than one with the wrong words in it.
  const shifted = cells.length > width && cells.slice(width).some((cell) => cell.trim() !== "");
  if (!shifted) return { line, phone, variables };
  return {
    line,
    phone,
    variables,
    malformed: `The row has ${cells.length} columns; the header has ${width}.`,
  };
}
