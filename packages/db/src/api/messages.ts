import type { MessageDetail, MessageEvent, MessageRow, MessageState } from "@pregonero/contracts";
import { keyVariables, parseTemplate, renderTemplate } from "@pregonero/domain";
import type { Database } from "../database.ts";
import { decodeCursor, isNumber, toJson, toPage, type Page } from "./rows.ts";

const columns = `m.id, m.seq, m.phone, m.state, m.attempts, m.device_id, m.error_code, m.error_detail, m.due_at, m.claimed_at,
  m.sent_at, m.delivered_at, m.read_at, m.finished_at`;

export interface MessageFilters {
  readonly state?: MessageState | undefined;
  readonly deviceId?: number | undefined;
  /** E.164 digits. */
  readonly phone?: string | undefined;
}

/** States that come with an error code: their rows are in a small index of their own. */
const withError: ReadonlySet<MessageState> = new Set(["failed", "skipped"]);

/** In the order of the job. The job must be the tenant's: see to that first. */
export async function listMessages(
  db: Database,
  jobId: string,
  page: MessageFilters & { limit: number; cursor?: string | undefined },
): Promise<Page<MessageRow>> {
  const after = decodeCursor(page.cursor, isNumber)?.[0] ?? 0;
  const indexed = page.state !== undefined && withError.has(page.state) ? "AND m.error_code IS NOT NULL" : "";
  const { rows } = await db.pool.query<object>(
    `SELECT ${columns} FROM messages m
     WHERE m.job_id = $1 AND m.seq > $2 ${indexed} AND ($3::message_state IS NULL OR m.state = $3)
       AND ($4::int IS NULL OR m.device_id = $4) ${page.phone === undefined ? "" : "AND m.phone = $6"}
     ORDER BY m.seq LIMIT $5`,
    [
      jobId,
      after,
      page.state ?? null,
      page.deviceId ?? null,
      page.limit + 1,
      ...(page.phone === undefined ? [] : [page.phone]),
    ],
  );
  return toPage(
    rows.map((row) => toJson<MessageRow>(row)),
    page.limit,
    (message) => [message.seq],
  );
}

type DetailRow = Omit<MessageDetail, "text" | "history"> & {
  readonly text: string | null;
  readonly body: string | null;
  readonly variables: Record<string, string> | null;
};

/** One message with its text and its history; null when the tenant has no such message in that job. */
export async function findMessage(
  db: Database,
  tenantId: number,
  key: { jobId: string; id: string },
): Promise<MessageDetail | null> {
  const { rows } = await db.pool.query<object>(
    `SELECT ${columns}, m.job_id, m.provider_message_id, m.text, m.variables, j.body
     FROM messages m JOIN send_messages_jobs j ON j.id = m.job_id
     WHERE m.id = $3 AND m.job_id = $2 AND j.tenant_id = $1`,
    [tenantId, key.jobId, key.id],
  );
  if (!rows[0]) return null;
  const { text, body, variables, ...message } = toJson<DetailRow>(rows[0]);
  const rendered = text ?? renderTemplate(parseTemplate(body ?? ""), keyVariables(variables ?? {}));
  return { ...message, text: rendered, history: await readHistory(db, key.id) };
}

/** Oldest first; a message that was tried again and again shows its last 200 moves. */
async function readHistory(db: Database, messageId: string): Promise<MessageEvent[]> {
  const { rows } = await db.pool.query<object>(
    `SELECT at, from_state, to_state, attempt, device_id, error_code, detail FROM message_events
     WHERE message_id = $1 ORDER BY id DESC LIMIT 200`,
    [messageId],
  );
  return rows.map((row) => toJson<MessageEvent>(row)).reverse();
}
