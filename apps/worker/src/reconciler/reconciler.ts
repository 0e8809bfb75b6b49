import {
  admitJobs,
  applyOutcomes,
  asReconciler,
  balanceLanes,
  cancelQueued,
  dropStaleLinks,
  expireCommands,
  failHopelessJobs,
  holdUnknown,
  keepHouse,
  loseSilentWorkers,
  openLateLanes,
  readCancellingJobs,
  readOrphanedClaims,
  readOverdueUnknown,
  startScheduledJobs,
  sweepWebhooks,
  wakeSleepingLanes,
  type Database,
  type MovedMessage,
  type Outcome,
} from "@pregonero/db";
import { sleep, type Logger } from "@pregonero/runtime";
import type { ScrapingNews } from "../scraping/work/scraping-news.ts";
import { reconcileScraping } from "./reconcile-scraping.ts";

export interface ReconcilerOptions {
  readonly db: Database;
  readonly moved: (messages: readonly MovedMessage[]) => Promise<void>;
  readonly announceOwed: () => Promise<void>;
  readonly scrapingNews: ScrapingNews;
  readonly log: Logger;
  readonly everyMs: number;
  readonly settleMs: number;
  readonly silentMs: number;
  readonly linkTimeoutMs: number;
  readonly webhookRetentionMs: number;
}

const housekeepingMs = 60 * 60_000;
/** Rows that one transaction cancels: short enough not to be felt by sends under way. */
const cancelChunk = 5_000;
const sweepChunk = 5_000;
const commandTimeoutMs = 60_000;

/**
 * Puts right what nobody else is there to put right: what dead workers and lost queue jobs left behind. Runs in every
 * worker, one at a time (advisory lock). Each task stands alone: one that fails does not keep the others from running.
 */
export class Reconciler {
  readonly #options: ReconcilerOptions;
  readonly #stop = new AbortController();
  #loop: Promise<void> | undefined;
  #houseKeptAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: ReconcilerOptions) {
    this.#options = options;
  }

  start(): void {
    this.#loop ??= this.#run();
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#loop;
  }

  async #run(): Promise<void> {
    while (await sleep(this.#options.everyMs, this.#stop.signal)) {
      try {
        await asReconciler(this.#options.db, () => this.round());
      } catch (error) {
        this.#options.log.warn("the reconciler could not run", { error });
      }
    }
  }

  /** Every task once. */
  async round(): Promise<void> {
    const { db, announceOwed, silentMs, linkTimeoutMs } = this.#options;
    await this.#task("silent workers", async () => {
      const lost = await loseSilentWorkers(db, silentMs);
      if (lost.length > 0) this.#options.log.warn("workers lost", { workers: lost });
    });
    await this.#task("scheduled jobs", () => startScheduledJobs(db));
    await this.#task("held jobs", () => admitJobs(db));
    await this.#task("late lanes", () => openLateLanes(db));
    await this.#task("sleeping lanes", () => wakeSleepingLanes(db));
    await this.#task("lanes", () => balanceLanes(db));
    await this.#task("hopeless jobs", async () => {
      const failed = await failHopelessJobs(db);
      if (failed.length > 0) this.#options.log.warn("jobs failed: their devices are gone", { jobs: failed });
    });
    await this.#task("orphaned claims", () => this.#orphanedClaims());
    await this.#task("overdue unknown", () => this.#overdueUnknown());
    await this.#task("cancelled jobs", () => this.#cancelledJobs());
    await this.#task("commands", () => expireCommands(db, commandTimeoutMs));
    await this.#task("links", () => dropStaleLinks(db, linkTimeoutMs));
    await this.#task("scraping", () => reconcileScraping(this.#options, this.#stop.signal));
    await this.#task("announcements", announceOwed);
    if (performance.now() - this.#houseKeptAtMs > housekeepingMs) {
      await this.#task("housekeeping", () => keepHouse(db));
      await this.#task("log of webhooks", () => this.#sweepWebhooks());
      this.#houseKeptAtMs = performance.now();
    }
  }

  async #task(name: string, work: () => Promise<unknown>): Promise<void> {
    if (this.#stop.signal.aborted) return;
    try {
      await work();
    } catch (error) {
      this.#options.log.warn("a task of the reconciler failed", { task: name, error });
    }
  }

  /** A claim whose holder is gone: whether it was sent, nobody here has seen. */
  async #orphanedClaims(): Promise<void> {
    const { db, settleMs, log } = this.#options;
    const ids = await readOrphanedClaims(db);
    if (ids.length === 0) return;
    log.warn("claims of lost leases", { claims: ids.length });
    await this.#apply(
      ids.map((providerMessageId) => ({
        providerMessageId,
        state: "unknown",
        errorCode: "lease_lost",
        errorDetail: "the worker that was sending it was lost",
        settleMs,
        at: new Date(),
      })),
    );
  }

  /** Nothing could settle them in time: the job's policy decides. */
  async #overdueUnknown(): Promise<void> {
    const { db } = this.#options;
    const overdue = await readOverdueUnknown(db);
    const ids = (policy: string) => overdue.filter((row) => row.policy === policy).map((row) => row.id);
    const why = { errorCode: "outcome_unknown", errorDetail: "could not be settled", at: new Date() };
    await this.#apply([
      ...ids("resend").map((id): Outcome => ({ providerMessageId: id, state: "retrying", dueMs: 0, ...why })),
      ...ids("drop").map((id): Outcome => ({ providerMessageId: id, state: "failed", ...why })),
    ]);
    if (ids("hold").length > 0) await holdUnknown(db, ids("hold"));
  }

  async #cancelledJobs(): Promise<void> {
    const { db } = this.#options;
    for (const jobId of await readCancellingJobs(db)) {
      while (!this.#stop.signal.aborted && (await cancelQueued(db, jobId, cancelChunk)) > 0);
    }
  }

  async #sweepWebhooks(): Promise<void> {
    const { db, webhookRetentionMs } = this.#options;
    while (!this.#stop.signal.aborted && (await sweepWebhooks(db, webhookRetentionMs, sweepChunk)) > 0);
  }

  async #apply(outcomes: readonly Outcome[]): Promise<void> {
    if (outcomes.length > 0) await this.#options.moved(await applyOutcomes(this.#options.db, outcomes));
  }
}
