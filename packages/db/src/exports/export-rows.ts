import type { MessageState, RejectedRow, ScrapingStep } from "@pregonero/contracts";
import type { Database } from "../database.ts";
import type { Queryable } from "../api/transaction.ts";

/** Rows that are read at once: what an export holds in memory, however long it is. */
const rowsPerRead = 2_000;

/** What became of one recipient. */
export interface ResultRow {
  readonly job_id: string;
  readonly seq: number;
  readonly id: string;
  readonly phone: string;
  readonly variables: Readonly<Record<string, unknown>> | null;
  readonly state: MessageState;
  readonly attempts: number;
  readonly device: string | null;
  readonly error_code: string | null;
  readonly error_detail: string | null;
  readonly sent_at: Date | null;
  readonly delivered_at: Date | null;
  readonly read_at: Date | null;
  readonly finished_at: Date | null;
}

/** The jobs of a campaign, oldest first. */
export async function listCampaignJobIds(db: Queryable, campaignId: string): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>(
    "SELECT id FROM send_messages_jobs WHERE campaign_id = $1 ORDER BY created_at, id",
    [campaignId],
  );
  return rows.map((row) => row.id);
}

/** Names of variables that the first thousand messages have, at most fifty, by name. */
export async function readVariableNames(db: Queryable, jobId: string): Promise<string[]> {
  const { rows } = await db.query<{ name: string }>(
    `SELECT DISTINCT k.name FROM (
       SELECT variables FROM messages WHERE job_id = $1 AND jsonb_typeof(variables) = 'object' ORDER BY seq LIMIT 1000
     ) m CROSS JOIN LATERAL jsonb_object_keys(m.variables) AS k (name) ORDER BY k.name LIMIT 50`,
    [jobId],
  );
  return rows.map((row) => row.name);
}

/** The messages of these jobs in their order, a batch at a time. */
export async function* readResults(db: Database, jobIds: readonly string[]): AsyncGenerator<ResultRow[]> {
  for (const jobId of jobIds) {
    let after = 0;
    for (;;) {
      const { rows } = await db.pool.query<ResultRow>(
        `SELECT m.job_id, m.seq, m.id, m.phone, m.variables, m.state, m.attempts, d.name AS device, m.error_code, m.error_detail,
           m.sent_at, m.delivered_at, m.read_at, m.finished_at
         FROM messages m LEFT JOIN devices d ON d.id = m.device_id
         WHERE m.job_id = $1 AND m.seq > $2 ORDER BY m.seq LIMIT $3`,
        [jobId, after, rowsPerRead],
      );
      if (rows.length > 0) yield rows;
      if (rows.length < rowsPerRead) break;
      after = rows.at(-1)?.seq ?? after;
    }
  }
}

/** The rejected rows of a campaign in the order of the file, a batch at a time. */
export async function* readRejections(db: Database, campaignId: string): AsyncGenerator<RejectedRow[]> {
  let after = -1;
  for (;;) {
    const { rows } = await db.pool.query<RejectedRow>(
      `SELECT line, reason, detail, phone FROM campaign_rejections WHERE campaign_id = $1 AND line > $2
       ORDER BY line LIMIT $3`,
      [campaignId, after, rowsPerRead],
    );
    if (rows.length > 0) yield rows;
    if (rows.length < rowsPerRead) return;
    after = rows.at(-1)?.line ?? after;
  }
}

/** What became of one domain. */
export type StepRow = Pick<
  ScrapingStep,
  "step_number" | "name" | "status" | "attempts" | "result_data" | "error_code" | "error_message"
> & { readonly started_at: Date | null; readonly completed_at: Date | null };

/** The steps of a batch job in their order, a batch at a time. */
export async function* readSteps(db: Database, jobId: string): AsyncGenerator<StepRow[]> {
  let after = 0;
  for (;;) {
    const { rows } = await db.pool.query<StepRow>(
      `SELECT step_number, name, status, attempts, result_data, error_code, error_message, started_at, completed_at
       FROM scraping_steps WHERE job_id = $1 AND step_number > $2 ORDER BY step_number LIMIT $3`,
      [jobId, after, rowsPerRead],
    );
    if (rows.length > 0) yield rows;
    if (rows.length < rowsPerRead) return;
    after = rows.at(-1)?.step_number ?? after;
  }
}
