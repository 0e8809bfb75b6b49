import type { CampaignPreview, RejectedRow, RejectionReason } from "@pregonero/contracts";
import { openSuppressionCheck, type Database } from "@pregonero/db";
import {
  AudiencePlanner,
  findColumns,
  optedOut,
  variablesOf,
  type AudienceColumns,
  type Template,
} from "@pregonero/domain";
import { brokenCsv, readCsv, type CsvRow } from "../intake/csv-file.ts";
import { judge } from "../intake/judge.ts";
import { toRecipient } from "../intake/recipients.ts";
import { rejectionsShown } from "../intake/store-audience.ts";
import type { SpooledFile } from "../intake/spool.ts";

export interface PreviewRules {
  readonly tenantId: number;
  readonly template: Template;
  readonly mapping: Readonly<Record<string, string>> | undefined;
  readonly country: string | undefined;
  readonly maxMessages: number;
}

const rowsShown = 20;
/** Longer cells are cut: this is for looking at. */
const cellChars = 300;

/** Reads a file as creating a campaign from it would, with the same rules, and stores nothing. @throws ApiProblem */
export async function previewAudience(
  db: Database,
  file: SpooledFile,
  rules: PreviewRules,
): Promise<CampaignPreview> {
  const suppressed = await openSuppressionCheck(db.pool, rules.tenantId);
  const planner = new AudiencePlanner({ template: rules.template, country: rules.country });
  const tally = new Tally();
  let header: readonly string[] | undefined;
  let columns: AudienceColumns | undefined;
  for await (const batch of readCsv(file)) {
    let rows = batch;
    if (header === undefined) {
      header = batch[0]?.cells ?? [];
      rows = batch.slice(1);
      const found = findColumns(header, variablesOf(rules.template), rules.mapping);
      if (found.ok) columns = found.columns;
      else tally.obstacle = found.detail;
    }
    tally.show(rows);
    if (columns === undefined) continue;
    const [known, width] = [columns, header.length];
    const { candidates, rejections } = judge(
      rows.map((row) => toRecipient(row, known, width)),
      planner,
    );
    const out = await suppressed(candidates.map(({ phone }) => phone));
    for (const { line, phone } of candidates) {
      if (out.has(phone)) rejections.push({ line, ...optedOut(phone) });
      else tally.accepted += 1;
    }
    tally.reject(rejections);
  }
  if (header === undefined) throw brokenCsv("The file is empty.");
  return tally.result(header, columns, rules);
}

class Tally {
  obstacle: string | null = null;
  accepted = 0;
  #total = 0;
  #rejected = 0;
  readonly #rows: CampaignPreview["rows"] = [];
  readonly #shown: RejectedRow[] = [];
  readonly #reasons = new Map<RejectionReason, number>();

  show(rows: readonly CsvRow[]): void {
    this.#total += rows.length;
    for (const { line, cells } of rows.slice(0, rowsShown - this.#rows.length))
      this.#rows.push({ line, cells: cells.map((cell) => cell.slice(0, cellChars)) });
  }

  reject(rejections: RejectedRow[]): void {
    rejections.sort((a, b) => a.line - b.line);
    this.#rejected += rejections.length;
    for (const { reason } of rejections) this.#reasons.set(reason, (this.#reasons.get(reason) ?? 0) + 1);
    this.#shown.push(...rejections.slice(0, Math.max(0, rejectionsShown - this.#shown.length)));
  }

  result(
    header: readonly string[],
    columns: AudienceColumns | undefined,
    { maxMessages }: PreviewRules,
  ): CampaignPreview {
    return {
      columns: header.map((name) => name.slice(0, cellChars)),
      phone_column: columns?.phone ?? null,
      rows: this.#rows,
      obstacle: this.obstacle,
      total: this.#total,
      accepted: this.accepted,
      rejected: this.#rejected,
      reasons: [...this.#reasons].map(([reason, rows]) => ({ reason, rows })).sort((a, b) => b.rows - a.rows),
      rejected_rows: this.#shown,
      too_many: this.accepted > maxMessages,
    };
  }
}
