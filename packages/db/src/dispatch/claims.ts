import pg from "pg";
import type { Database } from "../database.ts";
import { retrying } from "../retrying.ts";

export type LaneClass = "interactive" | "bulk";
export type UnknownPolicy = "hold" | "resend" | "drop";

/** The right to send from a device, as its holder knows it. */
export interface LeaseKey {
  readonly deviceId: number;
  readonly workerId: string;
  readonly epoch: number;
}

/** The lease is not the caller's any more, or runs out too soon for a send to end under it. */
export class LeaseLost extends Error {
  override readonly name = "LeaseLost";
}

export interface ClaimedMessage {
  readonly messageId: string;
  readonly jobId: string;
  readonly tenantId: number;
  /** E.164 digits without `+`. */
  readonly phone: string;
  /** The message's own text; null when `body` is rendered with `variables`. */
  readonly text: string | null;
  readonly variables: Readonly<Record<string, string>> | null;
  readonly body: string | null;
  /** What the job sends when it is not plain text, see `jobContentSchema` in packages/contracts. */
  readonly content: unknown;
  /** 1 for the first try. */
  readonly attempt: number;
  readonly maxAttempts: number;
  readonly providerMessageId: string;
  readonly laneClass: LaneClass;
}

interface ClaimedRow {
  message_id: string;
  job_id: string;
  tenant_id: number;
  phone: string;
  text: string | null;
  variables: Record<string, string> | null;
  body: string | null;
  content: unknown;
  attempt: number;
  max_attempts: number;
  provider_message_id: string;
  claim_class: LaneClass;
}

export interface ClaimRequest {
  readonly lease: LeaseKey;
  /** The most messages to claim. */
  readonly limit: number;
  /** The most that one lane gets before the next is looked at. */
  readonly quantum: number;
  /** The lease must be valid for so long at least, ms. */
  readonly sendMs: number;
  /** `interactive` leaves bulk messages where they are. */
  readonly laneClass: LaneClass;
  /** Today on the device's calendar (`YYYY-MM-DD`) and the most that it claims on it; null: any number. */
  readonly day?: string;
  readonly cap?: number | null;
  /** The device's pace before this claim, kept for the next holder of the lease; null without a limit. */
  readonly pace?: { readonly gapMs: number; readonly tokens: number; readonly tokenMs: number } | null;
}

/**
 * The fence: moves messages to `sending`, committed when this resolves. See `claim_messages` in prisma/migrations.
 *
 * @throws LeaseLost
 */
export async function claimMessages(db: Database, request: ClaimRequest): Promise<ClaimedMessage[]> {
  const { lease, limit, quantum, sendMs, laneClass, day = null, cap = null, pace } = request;
  try {
    const { rows } = await retrying(() =>
      db.pool.query<ClaimedRow>({
        name: "claim_messages",
        text: "SELECT * FROM claim_messages($1, $2, $3, $4, $5, $6, $7::lane_class, $8::date, $9, $10, $11, $12)",
        values: [
          lease.deviceId,
          lease.workerId,
          lease.epoch,
          limit,
          quantum,
          sendMs,
          laneClass,
          day,
          cap,
          pace?.gapMs ?? null,
          pace?.tokens ?? null,
          pace?.tokenMs ?? null,
        ],
      }),
    );
    return rows.map(toClaimed);
  } catch (error) {
    if (error instanceof pg.DatabaseError && error.code === "PR001") {
      throw new LeaseLost(error.message, { cause: error });
    }
    throw error;
  }
}

/** So many claims were given back unsent: a device's day has them to spare again. Mutates. */
export async function uncountClaims(
  db: Database,
  given: { readonly deviceId: number; readonly day: string; readonly count: number },
): Promise<void> {
  await db.pool.query(
    "UPDATE device_days SET claimed = greatest(0, claimed - $3) WHERE device_id = $1 AND day = $2::date",
    [given.deviceId, given.day, given.count],
  );
}

function toClaimed(row: ClaimedRow): ClaimedMessage {
  return {
    messageId: row.message_id,
    jobId: row.job_id,
    tenantId: row.tenant_id,
    phone: row.phone,
    text: row.text,
    variables: row.variables,
    body: row.body,
    content: row.content,
    attempt: row.attempt,
    maxAttempts: row.max_attempts,
    providerMessageId: row.provider_message_id,
    laneClass: row.claim_class,
  };
}

/** Of these claims, those whose job still runs: a claim that waited in memory is asked about before it is sent. */
export async function confirmClaims(
  db: Database,
  providerMessageIds: readonly string[],
): Promise<Set<string>> {
  const { rows } = await db.pool.query<{ provider_message_id: string }>({
    name: "confirm_claims",
    text: `SELECT m.provider_message_id FROM messages m JOIN send_messages_jobs j ON j.id = m.job_id
      WHERE m.provider_message_id = ANY ($1) AND m.state = 'sending' AND j.status IN ('pending', 'running')`,
    values: [providerMessageIds],
  });
  return new Set(rows.map((row) => row.provider_message_id));
}

/** A claim whose outcome is open: under way, or unknown and still to be settled. */
export interface OpenClaim {
  readonly providerMessageId: string;
  readonly phone: string;
  readonly state: "sending" | "unknown";
  readonly epoch: number;
  readonly attempt: number;
  readonly maxAttempts: number;
  /**
   * It was claimed under the device's present session (both instants by the database's clock). A device that was
   * unlinked and linked again has a new, empty store, in which not to be found proves nothing.
   */
  readonly inSession: boolean;
  readonly claimedAgoMs: number;
  /** No holder of the claim begins a send any more. */
  readonly sendByPassed: boolean;
  readonly settleUntilPassed: boolean;
  readonly unknownPolicy: UnknownPolicy;
}

/** Open claims of one device, oldest first. */
export async function readOpenClaims(db: Database, deviceId: number, limit = 1_000): Promise<OpenClaim[]> {
  const { rows } = await db.pool.query<OpenClaimRow>({
    name: "read_open_claims",
    text: `SELECT m.provider_message_id, m.phone, m.state, m.claim_epoch, m.attempts, j.max_attempts,
        coalesce(m.claimed_at >= d.linked_at, false) AS in_session,
        (extract(epoch FROM clock_timestamp() - m.claimed_at) * 1000)::float AS claimed_ago_ms,
        m.send_by < clock_timestamp() AS send_by_passed,
        coalesce(m.settle_until < clock_timestamp(), false) AS settle_until_passed, j.unknown_policy
      FROM messages m JOIN send_messages_jobs j ON j.id = m.job_id JOIN devices d ON d.id = m.device_id
      WHERE m.device_id = $1 AND m.send_by IS NOT NULL
      ORDER BY m.claimed_at LIMIT $2`,
    values: [deviceId, limit],
  });
  return rows.map((row) => ({
    providerMessageId: row.provider_message_id,
    phone: row.phone,
    state: row.state,
    epoch: row.claim_epoch,
    attempt: row.attempts,
    maxAttempts: row.max_attempts,
    inSession: row.in_session,
    claimedAgoMs: row.claimed_ago_ms,
    sendByPassed: row.send_by_passed,
    settleUntilPassed: row.settle_until_passed,
    unknownPolicy: row.unknown_policy,
  }));
}

interface OpenClaimRow {
  provider_message_id: string;
  phone: string;
  state: "sending" | "unknown";
  claim_epoch: number;
  attempts: number;
  max_attempts: number;
  in_session: boolean;
  claimed_ago_ms: number;
  send_by_passed: boolean;
  settle_until_passed: boolean;
  unknown_policy: UnknownPolicy;
}
