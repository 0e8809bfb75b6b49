import type {
  ReportData,
  ScrapingConfig,
  ScrapingErrorCode,
  ScrapingStepStatus,
  StepResult,
} from "@pregonero/contracts";
import type { Database } from "../database.ts";
import { retrying } from "../retrying.ts";

/** A step that this worker is to do, until its claim runs out or is cancelled. */
export interface ClaimedStep {
  readonly claimId: string;
  readonly stepId: string;
  readonly jobId: string;
  readonly tenantId: number;
  readonly stepNumber: number;
  readonly name: string;
  readonly url: string;
  /** 1 for the first. */
  readonly attempt: number;
  readonly config: ScrapingConfig;
}

/** Claims the step that is next over all jobs; committed when this resolves. Null when none is due. */
export async function claimScrapingStep(
  db: Database,
  workerId: string,
  leaseMs: number,
): Promise<ClaimedStep | null> {
  const { rows } = await retrying(() =>
    db.pool.query<ClaimedStep>({
      name: "claim_scraping_step",
      text: `SELECT claim_id AS "claimId", step_id AS "stepId", job_id AS "jobId", tenant_id AS "tenantId",
          step_number AS "stepNumber", name, url, attempt, config
        FROM claim_scraping_step($1, $2)`,
      values: [workerId, leaseMs],
    }),
  );
  return rows[0] ?? null;
}

/** Extends claims. @returns those that are still this worker's own; whoever holds another one stops */
export async function renewScrapingClaims(
  db: Database,
  workerId: string,
  claimIds: readonly string[],
  leaseMs: number,
): Promise<Set<string>> {
  const { rows } = await db.pool.query<{ id: string }>({
    name: "renew_scraping_claims",
    text: "SELECT renew_scraping_claims AS id FROM renew_scraping_claims($1, $2, $3)",
    values: [workerId, claimIds, leaseMs],
  });
  return new Set(rows.map((row) => row.id));
}

/** What became of a claim. */
export type StepOutcome = {
  readonly claimId: string;
  readonly result: StepResult | null;
} & (
  | { readonly status: "completed"; readonly report: ReportData; readonly screenshots: StoredScreenshots }
  | { readonly status: "failed" | "skipped"; readonly code: ScrapingErrorCode; readonly message: string }
  | {
      readonly status: "pending";
      readonly code: ScrapingErrorCode | null;
      readonly message: string | null;
      readonly retryMs: number;
      /** The attempt was not spent. */
      readonly refund: boolean;
    }
);

/** Keys in the blob store. */
export interface StoredScreenshots {
  readonly full: string | null;
  readonly thumbnail: string | null;
}

/** A step as it stands after its claim has ended. */
export interface MovedStep {
  readonly stepId: string;
  readonly jobId: string;
  readonly tenantId: number;
  readonly stepNumber: number;
  readonly name: string;
  readonly status: ScrapingStepStatus;
  readonly errorCode: string | null;
  readonly errorMessage: string | null;
  readonly attempts: number;
  readonly jobEnded: boolean;
}

interface FinishArguments {
  readonly code?: string | null;
  readonly message?: string | null;
  readonly retryMs?: number;
  readonly refund?: boolean;
  readonly lost?: boolean;
  readonly result?: StepResult | null;
  readonly report?: ReportData;
  readonly screenshots?: StoredScreenshots;
}

/**
 * Writes what became of a claim: step, report, counters and the end of the job in one transaction. Null when the claim is
 * not the step's own any more: then nothing changes.
 */
export async function finishScrapingStep(db: Database, outcome: StepOutcome): Promise<MovedStep | null> {
  const { claimId, status, ...rest } = outcome;
  return await finish(db, claimId, status, rest);
}

/** Claims that have run out: their workers are gone, or too slow. */
export async function readLostScrapingClaims(db: Database): Promise<string[]> {
  const { rows } = await db.pool.query<{ id: string }>(
    `SELECT claim_id AS id FROM scraping_steps
     WHERE claim_id IS NOT NULL AND claim_expires_at < clock_timestamp() ORDER BY claim_expires_at LIMIT 1000`,
  );
  return rows.map((row) => row.id);
}

/** Gives a step whose claim has run out to the next worker. Null when its holder was quicker. */
export async function loseScrapingClaim(db: Database, claimId: string): Promise<MovedStep | null> {
  const code: ScrapingErrorCode = "worker_lost";
  const message = "the worker that visited it was lost";
  return await finish(db, claimId, "pending", { code, message, refund: true, lost: true });
}

async function finish(
  db: Database,
  claimId: string,
  status: ScrapingStepStatus,
  more: FinishArguments,
): Promise<MovedStep | null> {
  const json = (value: object | null | undefined) =>
    value === null || value === undefined ? null : JSON.stringify(value);
  const { rows } = await retrying(() =>
    db.pool.query<MovedStep>({
      name: "finish_scraping_step",
      text: `SELECT step_id AS "stepId", job_id AS "jobId", tenant_id AS "tenantId", step_number AS "stepNumber", name,
          status, error_code AS "errorCode", error_message AS "errorMessage", attempts, job_ended AS "jobEnded"
        FROM finish_scraping_step($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
      values: [
        claimId,
        status,
        more.code ?? null,
        more.message ?? null,
        more.retryMs ?? 0,
        more.refund ?? false,
        more.lost ?? false,
        json(more.result),
        json(more.report),
        more.screenshots?.full ?? null,
        more.screenshots?.thumbnail ?? null,
      ],
    }),
  );
  return rows[0] ?? null;
}

/** Of these claims, those that still are: the others were cancelled, or lost. */
export async function confirmScrapingClaims(db: Database, claimIds: readonly string[]): Promise<Set<string>> {
  const { rows } = await db.pool.query<{ id: string }>({
    name: "confirm_scraping_claims",
    text: "SELECT claim_id AS id FROM scraping_steps WHERE claim_id = ANY ($1)",
    values: [claimIds],
  });
  return new Set(rows.map((row) => row.id));
}
