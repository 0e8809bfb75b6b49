import {
  applyOutcomes,
  findByProviderRef,
  readOwnClaims,
  type Database,
  type MovedMessage,
  type Outcome,
  type OwnClaim,
} from "@pregonero/db";
import { monotonicMs, sleep, type Logger } from "@pregonero/runtime";
import type { Announcer } from "../events/announcer.ts";
import type { StatusByProviderRef, StatusReport } from "./report.ts";
import type { Consequences } from "./consequences.ts";

export interface StatusDeskDeps {
  readonly db: Database;
  readonly announcer: Pick<Announcer, "moved">;
  readonly consequences: Consequences;
  readonly log: Logger;
}

interface Waiting {
  readonly report: StatusReport;
  readonly patientUntilMs: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** How long the first report of a batch waits for company, ms. */
const gatherMs = 10;
const maxBatch = 500;
/**
 * How long a failure waits for the worker to write down that the provider took the message. The other way round its
 * "sent" would come last and stand.
 */
const patienceMs = 3_000;
const lookAgainMs = 100;

/** Later ones replace earlier ones. A failure comes after "sent"; a delivery proves that there was none. */
const rank: Readonly<Record<StatusReport["state"], number>> = { sent: 1, failed: 2, delivered: 3, read: 4 };

/**
 * Writes what providers report. Reports of all requests under way go into one transaction: the lock of a job is taken
 * once for hundreds of its messages. Each request is answered when its reports are committed, so a report that was lost
 * with this process is sent again by the provider.
 */
export class StatusDesk {
  readonly #deps: StatusDeskDeps;
  #waiting: Waiting[] = [];
  #running: Promise<void> | undefined;

  constructor(deps: StatusDeskDeps) {
    this.#deps = deps;
  }

  /** Resolves when all of them are committed; repeating it is harmless. Rejects when the database cannot be asked. */
  async report(reports: readonly StatusReport[]): Promise<void> {
    // A round without anything to write would end before it is noted that it runs.
    if (reports.length === 0) return;
    const patientUntilMs = monotonicMs() + patienceMs;
    const written = reports.map(
      (report) =>
        new Promise<void>((resolve, reject) => {
          this.#waiting.push({ report, patientUntilMs, resolve, reject });
        }),
    );
    this.#running ??= this.#run();
    await Promise.all(written);
  }

  /**
   * The same for a message that only the provider's name is known of. The worker writes that name down when the send is
   * answered, which may be a moment after the provider's first word; a name that stays unknown is nobody's.
   */
  async reportByRef({ deviceId, providerRef, ...told }: StatusByProviderRef): Promise<void> {
    const untilMs = monotonicMs() + patienceMs;
    for (let waitMs = lookAgainMs; ; waitMs *= 2) {
      const providerMessageId = await findByProviderRef(this.#deps.db.pool, deviceId, providerRef);
      if (providerMessageId !== null) return await this.report([{ ...told, providerMessageId }]);
      if (monotonicMs() >= untilMs) return;
      await sleep(waitMs);
    }
  }

  /** Resolves when nothing is left to be written. */
  async drain(): Promise<void> {
    while (this.#running) await this.#running;
  }

  async #run(): Promise<void> {
    let waitMs = gatherMs;
    while (this.#waiting.length > 0) {
      await sleep(waitMs);
      const batch = this.#waiting.splice(0, maxBatch);
      const early = await this.#write(batch).catch((error: unknown) => {
        for (const { reject } of batch) reject(error);
        return [];
      });
      waitMs = this.#waiting.length > 0 ? 0 : lookAgainMs;
      this.#waiting.push(...early);
    }
    this.#running = undefined;
  }

  /** @returns those that it is too early for */
  async #write(batch: readonly Waiting[]): Promise<Waiting[]> {
    const { db, consequences } = this.#deps;
    const claims = await readOwnClaims(
      db.pool,
      batch.map(({ report }) => report),
    );
    const byId = new Map(claims.map((claim) => [claim.providerMessageId, claim]));
    const nowMs = monotonicMs();
    const isEarly = ({ report, patientUntilMs }: Waiting): boolean =>
      report.state === "failed" &&
      byId.get(report.providerMessageId)?.state === "sending" &&
      nowMs < patientUntilMs;
    const due = batch.filter((waiting) => !isEarly(waiting));
    const news = furthest(due.map(({ report }) => report)).filter((report) =>
      isNews(report, byId.get(report.providerMessageId)),
    );
    await consequences.before(news, byId);
    const moved = await applyOutcomes(db, news.map(outcomeOf));
    await consequences.after(moved, news);
    for (const { resolve } of due) resolve();
    await this.#announce(moved);
    return batch.filter(isEarly);
  }

  async #announce(moved: readonly MovedMessage[]): Promise<void> {
    if (moved.length === 0) return;
    await this.#deps.announcer.moved(moved).catch((error: unknown) => {
      this.#deps.log.warn("moved messages could not be announced", { error });
    });
  }
}

/** Of several reports on one message the one that goes furthest. */
function furthest(reports: readonly StatusReport[]): StatusReport[] {
  const byId = new Map<string, StatusReport>();
  for (const report of reports) {
    const other = byId.get(report.providerMessageId);
    if (!other || rank[report.state] > rank[other.state]) byId.set(report.providerMessageId, report);
  }
  return [...byId.values()];
}

/** Not of a message of somebody else's, and no "sent" that comes after the failure that it went before. */
function isNews({ state }: StatusReport, claim: OwnClaim | undefined): boolean {
  if (!claim) return false;
  const givenUpByUs = claim.errorCode === null || ourOwnCodes.has(claim.errorCode);
  return state !== "sent" || claim.state !== "failed" || givenUpByUs;
}

/** Failures for want of knowledge, which a provider's word puts right. */
const ourOwnCodes: ReadonlySet<string> = new Set(["outcome_unknown", "awaiting_ack", "lease_lost"]);

function outcomeOf({ providerMessageId, state, failure, at }: StatusReport): Outcome {
  if (state !== "failed") return { providerMessageId, state, at };
  return {
    providerMessageId,
    state,
    errorCode: failure?.code ?? "rejected",
    ...(failure === undefined ? {} : { errorDetail: failure.detail }),
    at,
  };
}
