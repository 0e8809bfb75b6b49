import type { RejectedRow } from "@pregonero/contracts";
import { finished } from "node:stream/promises";
import { from as copyFrom } from "pg-copy-streams";
import type { Transaction } from "./transaction.ts";
import { uuidv7 } from "./uuid.ts";

/** A message as the intake plans it. Either `variables` (for the job's template) or `text`. */
export interface PlannedMessage {
  readonly seq: number;
  /** E.164 digits without `+`. */
  readonly phone: string;
  readonly variables: Readonly<Record<string, string>> | null;
  readonly text: string | null;
}

const columnNull = "\\N";

/** Text in the format of COPY: a backslash before what would end the column or the row. */
function columnText(value: string): string {
  if (!/[\\\t\n\r]/.test(value)) return value;
  return value
    .replaceAll("\\", "\\\\")
    .replaceAll("\t", "\\t")
    .replaceAll("\n", "\\n")
    .replaceAll("\r", "\\r");
}

/** Stores a batch of messages of one job, all `queued`, in one COPY. @returns their ids, in order */
export async function copyMessages(
  tx: Transaction,
  job: { id: string; tenantId: number },
  messages: readonly PlannedMessage[],
): Promise<string[]> {
  const ids: string[] = [];
  const middle = `\t${job.tenantId}\t${job.id}\t`;
  await copy(
    tx,
    "COPY messages (id, tenant_id, job_id, seq, phone, variables, text) FROM STDIN",
    messages,
    ({ seq, phone, variables, text }) => {
      const id = uuidv7();
      ids.push(id);
      const json = variables === null ? columnNull : columnText(JSON.stringify(variables));
      return `${id}${middle}${seq}\t${phone}\t${json}\t${text === null ? columnNull : columnText(text)}\n`;
    },
  );
  return ids;
}

export async function copyRejections(
  tx: Transaction,
  campaignId: string,
  rows: readonly RejectedRow[],
): Promise<void> {
  await copy(
    tx,
    "COPY campaign_rejections (campaign_id, line, reason, detail, phone) FROM STDIN",
    rows,
    ({ line, reason, detail, phone }) =>
      `${campaignId}\t${line}\t${reason}\t${columnText(detail)}\t${columnText(phone)}\n`,
  );
}

/**
 * Hands over all rows at once and waits for Postgres to take them: meant for batches. The caller is free to compute the
 * next batch meanwhile, for nothing of this one is left to be sent.
 */
async function copy<Row>(
  tx: Transaction,
  statement: string,
  rows: readonly Row[],
  lineOf: (row: Row) => string,
): Promise<void> {
  if (rows.length === 0) return;
  let data = "";
  for (const row of rows) data += lineOf(row);
  const stream = tx.query(copyFrom(statement));
  stream.end(data);
  await finished(stream);
}
