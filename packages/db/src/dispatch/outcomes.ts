import type { MessageState } from "@pregonero/domain";
import type { Database } from "../database.ts";
import { retrying } from "../retrying.ts";
import { recordProviderRefs } from "../webhooks/provider-refs.ts";

/** What became of one claim. The provider message id is the claim's identity. */
export interface Outcome {
  readonly providerMessageId: string;
  readonly state: Extract<MessageState, "sent" | "delivered" | "read" | "retrying" | "failed" | "unknown">;
  readonly errorCode?: string;
  /** For operators: no message text, no full number. */
  readonly errorDetail?: string;
  /** `retrying`: may be claimed again after so many ms. */
  readonly dueMs?: number;
  /** `unknown`: lookups may settle it for so many ms; without it, it is held at once. */
  readonly settleMs?: number;
  /** The attempt was not spent. */
  readonly refund?: boolean;
  readonly at: Date;
  /** What the provider calls the message, when its webhooks may know no other name. */
  readonly providerRef?: string;
}

export interface MovedMessage {
  readonly messageId: string;
  readonly jobId: string;
  readonly tenantId: number;
  readonly deviceId: number | null;
  readonly phone: string;
  readonly providerMessageId: string;
  readonly from: MessageState;
  readonly to: MessageState;
  readonly errorCode: string | null;
  readonly attempt: number;
  /** This call ended the job. */
  readonly jobCompleted: boolean;
}

interface MovedRow {
  message_id: string;
  job_id: string;
  tenant_id: number;
  device_id: number | null;
  phone: string;
  provider_message_id: string;
  from_state: MessageState;
  to_state: MessageState;
  error_code: string | null;
  attempt: number;
  job_completed: boolean;
}

/**
 * Records outcomes, in one transaction with history and counters; see `apply_outcomes` in prisma/migrations. An outcome
 * of a claim that is not the row's own any more, or that its state does not allow, changes nothing: safe to repeat.
 *
 * @param outcomes at most one per provider message id
 * @returns what moved
 */
export async function applyOutcomes(db: Database, outcomes: readonly Outcome[]): Promise<MovedMessage[]> {
  if (outcomes.length === 0) return [];
  // First: a webhook that comes before the outcome is written must find the message; without the outcome it still is one.
  await recordProviderRefs(
    db.pool,
    outcomes.flatMap(({ providerMessageId, providerRef }) =>
      providerRef === undefined ? [] : [{ providerMessageId, providerRef }],
    ),
  );
  const { rows } = await retrying(() =>
    db.pool.query<MovedRow>({
      name: "apply_outcomes",
      text: "SELECT * FROM apply_outcomes($1, $2::message_state[], $3, $4, $5, $6, $7, $8)",
      values: [
        outcomes.map((o) => o.providerMessageId),
        outcomes.map((o) => o.state),
        outcomes.map((o) => o.errorCode ?? null),
        outcomes.map((o) => o.errorDetail ?? null),
        outcomes.map((o) => o.dueMs ?? null),
        outcomes.map((o) => o.settleMs ?? null),
        outcomes.map((o) => o.refund ?? false),
        outcomes.map((o) => o.at),
      ],
    }),
  );
  return rows.map((row) => ({
    messageId: row.message_id,
    jobId: row.job_id,
    tenantId: row.tenant_id,
    deviceId: row.device_id,
    phone: row.phone,
    providerMessageId: row.provider_message_id,
    from: row.from_state,
    to: row.to_state,
    errorCode: row.error_code,
    attempt: row.attempt,
    jobCompleted: row.job_completed,
  }));
}

/** Leaves outcomes that nothing could settle as `unknown` for good. @returns jobs touched, with those it completed */
export async function holdUnknown(
  db: Database,
  providerMessageIds: readonly string[],
): Promise<{ jobId: string; held: number; jobCompleted: boolean }[]> {
  const { rows } = await retrying(() =>
    db.pool.query<{ job_id: string; held: number; job_completed: boolean }>(
      "SELECT * FROM hold_unknown($1)",
      [providerMessageIds],
    ),
  );
  return rows.map((row) => ({ jobId: row.job_id, held: row.held, jobCompleted: row.job_completed }));
}
