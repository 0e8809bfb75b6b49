import type { Notification } from "@pregonero/contracts";
import type { Actor } from "../api/audit.ts";
import { decodeCursor, isTimeAndId, toJson, toPage, type Page } from "../api/rows.ts";
import type { Queryable } from "../api/transaction.ts";
import { uuidv7 } from "../api/uuid.ts";
import type { Database } from "../database.ts";
import type { JobTypeName } from "./job-notify.ts";

/** A notification that this worker is to send now. */
export interface ClaimedNotification {
  readonly id: string;
  readonly tenantId: number;
  readonly jobId: string | null;
  readonly jobType: JobTypeName | null;
  readonly stepId: string | null;
  readonly event: Notification["event"];
  readonly channel: Notification["channel"];
  readonly recipient: string;
  readonly language: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly attempt: number;
  readonly createdAt: Date;
}

/** See `claim_notifications`. */
export async function claimNotifications(
  db: Database,
  request: { channels: readonly Notification["channel"][]; limit: number; leaseMs: number },
): Promise<ClaimedNotification[]> {
  const { rows } = await db.pool.query<ClaimedNotification>(
    `SELECT id, tenant_id AS "tenantId", job_id AS "jobId", job_type AS "jobType", step_id AS "stepId", event, channel, recipient,
       language, data, attempts AS attempt, created_at AS "createdAt"
     FROM claim_notifications($1::notification_channel[], $2, $3) ORDER BY created_at, id`,
    [request.channels, request.limit, request.leaseMs],
  );
  return rows;
}

export type NotificationEnd =
  | { readonly status: "sent" }
  | { readonly status: "pending"; readonly retryMs: number; readonly error: string }
  | { readonly status: "failed"; readonly error: string };

/** Writes what became of a try. The word of a worker that counts as lost by now changes nothing. */
export async function recordNotification(
  db: Database,
  claim: Pick<ClaimedNotification, "id" | "attempt">,
  end: NotificationEnd,
): Promise<void> {
  await db.pool.query(
    `UPDATE notifications SET status = $3::notification_status, last_error = $4,
       next_attempt_at = clock_timestamp() + $5 * interval '1 millisecond',
       sent_at = CASE WHEN $3 = 'sent' THEN clock_timestamp() END
     WHERE id = $1 AND attempts = $2 AND status = 'sending'`,
    [
      claim.id,
      claim.attempt,
      end.status,
      end.status === "sent" ? null : end.error.slice(0, 1_000),
      end.status === "pending" ? end.retryMs : 0,
    ],
  );
}

/** What nobody could send within so long is given up: old news is no news. @returns how many */
export async function expireNotifications(db: Database, olderThanMs: number): Promise<number> {
  const { rowCount } = await db.pool.query(
    `UPDATE notifications SET status = 'failed',
       last_error = coalesce(last_error, 'no worker could send it: are the SMTP settings there?')
     WHERE status = 'pending' AND created_at < clock_timestamp() - $1 * interval '1 millisecond'`,
    [olderThanMs],
  );
  return rowCount ?? 0;
}

const columns = `id, job_id, job_type, step_id, event, channel, recipient, status, attempts,
  CASE WHEN status IN ('pending', 'sending') THEN next_attempt_at END AS next_attempt_at, last_error, created_at, sent_at`;

/** Newest first. */
export async function listNotifications(
  db: Queryable,
  tenantId: number,
  page: {
    job_id?: string | undefined;
    status?: Notification["status"] | undefined;
    limit: number;
    cursor?: string | undefined;
  },
): Promise<Page<Notification>> {
  const before = decodeCursor(page.cursor, isTimeAndId);
  const { rows } = await db.query<object>(
    `SELECT ${columns} FROM notifications
     WHERE tenant_id = $1 AND ($2::uuid IS NULL OR job_id = $2) AND ($3::notification_status IS NULL OR status = $3)
       AND ($4::timestamptz IS NULL OR (created_at, id) < ($4, $5))
     ORDER BY created_at DESC, id DESC LIMIT $6`,
    [
      tenantId,
      page.job_id ?? null,
      page.status ?? null,
      before?.[0] ?? null,
      before?.[1] ?? null,
      page.limit + 1,
    ],
  );
  return toPage(
    rows.map((row) => toJson<Notification>(row)),
    page.limit,
    (row) => [row.created_at, row.id],
  );
}

/** A notification about nothing, to see whether it arrives. */
export async function insertTestNotification(
  tx: Queryable,
  who: Actor,
  to: Pick<Notification, "channel" | "recipient">,
): Promise<Notification> {
  const { rows } = await tx.query<object>(
    `INSERT INTO notifications (id, tenant_id, event, channel, recipient, language, data)
     VALUES ($1, $2, 'test', $3, $4, coalesce((SELECT language FROM tenant_settings WHERE tenant_id = $2), 'es'),
       jsonb_build_object('asked_by', $5::text))
     RETURNING ${columns}`,
    [uuidv7(), who.tenantId, to.channel, to.recipient, who.actor],
  );
  return toJson<Notification>(rows[0] ?? {});
}
