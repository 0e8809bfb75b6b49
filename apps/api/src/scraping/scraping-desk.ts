import type { createScrapingJobSchema, JobStatus, ScrapingJob } from "@pregonero/contracts";
import {
  cancelScrapingJob,
  cancelScrapingSteps,
  findScrapingJob,
  insertScrapingJob,
  pauseScrapingJob,
  resumeScrapingJob,
  retryFailedSteps,
  transaction,
  writeAudit,
  type Actor,
  type Database,
  type ScrapingJobChange,
  type Transaction,
} from "@pregonero/db";
import type { z } from "zod";
import { createOnce, type IdempotencyKey } from "../http/idempotency.ts";
import { ApiProblem, notFound } from "../http/problem.ts";
import type { AnyReply } from "../http/route.ts";
import { priorityOf } from "../intake/priority.ts";
import type { ScrapingAnnouncer } from "./scraping-announcer.ts";
import { validSites } from "./sites.ts";

/** Steps of a cancelled job that are cancelled with the request; the reconciler does the rest. */
const cancelledAtOnce = 5_000;

type Verb = "pause" | "resume" | "cancel" | "retry";

/** What people do to scraping jobs. Each change is one transaction with its line in the audit log, announced after it. */
export class ScrapingDesk {
  readonly #db: Database;
  readonly #announcer: ScrapingAnnouncer;

  constructor(deps: { db: Database; announcer: ScrapingAnnouncer }) {
    this.#db = deps.db;
    this.#announcer = deps.announcer;
  }

  /** @throws ApiProblem `validation_failed` naming the domains that are none */
  async create<R extends AnyReply>(
    who: Actor,
    order: z.output<typeof createScrapingJobSchema>,
    idempotency: IdempotencyKey | null,
    replyTo: (job: ScrapingJob) => R,
  ): Promise<R> {
    const steps = validSites(order.domains);
    return await createOnce(
      this.#db,
      { tenantId: who.tenantId, idempotency },
      async (tx) => {
        const job = await insertScrapingJob(tx, who, {
          name: order.name ?? null,
          description: order.description ?? null,
          config: order.config,
          priority: priorityOf(order.priority),
          steps,
        });
        const entry = { action: "scraping.create", subject: `scraping-job:${job.id}` };
        await writeAudit(tx, who, { ...entry, detail: { domains: steps.length } });
        return { made: job, reply: replyTo(job) };
      },
      (job) => this.#announcer.jobChanged(job, null, turnsOf(job)),
    );
  }

  /** @throws ApiProblem 404, 409 */
  async pause(who: Actor, id: string): Promise<ScrapingJob> {
    return await this.#change("pause", who, id, (tx) =>
      pauseScrapingJob(tx, { tenantId: who.tenantId, id }, `paused by ${who.actor}`),
    );
  }

  /** @throws ApiProblem 404, 409 */
  async resume(who: Actor, id: string): Promise<ScrapingJob> {
    return await this.#change("resume", who, id, (tx) =>
      resumeScrapingJob(tx, { tenantId: who.tenantId, id }),
    );
  }

  /** @param from which statuses it may be cancelled from. @throws ApiProblem 404, 409 */
  async cancel(who: Actor, id: string, from?: readonly JobStatus[]): Promise<ScrapingJob> {
    const job = await this.#change("cancel", who, id, (tx) =>
      cancelScrapingJob(tx, { tenantId: who.tenantId, id }, `cancelled by ${who.actor}`, from),
    );
    await cancelScrapingSteps(this.#db, id, cancelledAtOnce);
    // Workers are told once more: now their claims are gone.
    this.#announcer.jobChanged(job, "cancelled", 0);
    return (await findScrapingJob(this.#db.pool, who.tenantId, id)) ?? job;
  }

  /** @throws ApiProblem 404, 409 */
  async retryFailed(who: Actor, id: string): Promise<{ retried: number; job: ScrapingJob }> {
    const { before, job, retried } = await transaction(this.#db, async (tx) => {
      const existing = await this.#existing(tx, who, id);
      const count = await retryFailedSteps(tx, id);
      if (count === 0) throw impossible("retry", existing);
      await writeAudit(tx, who, {
        action: "scraping.retry_failed",
        subject: `scraping-job:${id}`,
        detail: { retried: count },
      });
      return { before: existing, job: await this.#existing(tx, who, id), retried: count };
    });
    this.#announcer.jobChanged(job, before.status, turnsOf(job));
    return { retried, job };
  }

  async #change(
    verb: Verb,
    who: Actor,
    id: string,
    update: (tx: Transaction) => Promise<ScrapingJobChange | null>,
  ): Promise<ScrapingJob> {
    const change = await transaction(this.#db, async (tx) => {
      const made = await update(tx);
      if (!made) throw impossible(verb, await this.#existing(tx, who, id));
      await writeAudit(tx, who, {
        action: `scraping.${verb}`,
        subject: `scraping-job:${id}`,
        detail: { from: made.previous },
      });
      return made;
    });
    this.#announcer.jobChanged(change.job, change.previous, verb === "resume" ? turnsOf(change.job) : 0);
    return change.job;
  }

  async #existing(tx: Transaction, who: Actor, id: string): Promise<ScrapingJob> {
    const job = await findScrapingJob(tx, who.tenantId, id);
    if (!job) throw notFound(`scraping job with the id ${id}`);
    return job;
  }
}

const turnsOf = (job: ScrapingJob): number => Math.min(job.config.concurrency, job.progress.pending);

const doing: Readonly<Record<Verb, string>> = {
  pause: "Only a pending or running job can be paused",
  resume: "Only a paused job can be resumed",
  cancel: "Only a job that has not ended can be cancelled",
  retry: "There is nothing to try again",
};

function impossible(verb: Verb, { status }: ScrapingJob): ApiProblem {
  return new ApiProblem("conflict", `${doing[verb]}; this one is ${status}.`);
}
