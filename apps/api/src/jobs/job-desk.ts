import type { SendMessagesJob } from "@pregonero/contracts";
import {
  cancelJob,
  cancelQueued,
  findJob,
  patchJob,
  pauseJob,
  resumeJob,
  retryFailed,
  settleUnknown,
  transaction,
  writeAudit,
  type Actor,
  type Database,
  type JobChange,
  type JobPatchFields,
  type Transaction,
} from "@pregonero/db";
import type { Announcer } from "../events/announcer.ts";
import { ApiProblem, notFound } from "../http/problem.ts";

/** Messages of a cancelled job that are cancelled with the request; the reconciler does the rest. */
const cancelledAtOnce = 5_000;

type Verb = "pause" | "resume" | "cancel" | "retry" | "patch" | "reschedule";

/** What people do to jobs. Each change is one transaction with its line in the audit log, announced after it. */
export class JobDesk {
  readonly #db: Database;
  readonly #announcer: Announcer;

  constructor(deps: { db: Database; announcer: Announcer }) {
    this.#db = deps.db;
    this.#announcer = deps.announcer;
  }

  /** @throws ApiProblem 404, 409 */
  async pause(who: Actor, id: string): Promise<SendMessagesJob> {
    return await this.#change("pause", who, id, (tx) =>
      pauseJob(tx, who.tenantId, id, `paused by ${who.actor}`),
    );
  }

  /** @throws ApiProblem 404, 409 */
  async resume(who: Actor, id: string): Promise<SendMessagesJob> {
    return await this.#change("resume", who, id, (tx) => resumeJob(tx, who.tenantId, id));
  }

  /** @throws ApiProblem 404, 409 */
  async cancel(who: Actor, id: string): Promise<SendMessagesJob> {
    const job = await this.#change("cancel", who, id, (tx) =>
      cancelJob(tx, who.tenantId, id, `cancelled by ${who.actor}`),
    );
    await cancelQueued(this.#db, id, cancelledAtOnce);
    return (await findJob(this.#db.pool, who.tenantId, id)) ?? job;
  }

  /** @throws ApiProblem 404, 409 */
  async retryFailed(who: Actor, id: string): Promise<{ retried: number; job: SendMessagesJob }> {
    const { before, after, retried } = await transaction(this.#db, async (tx) => {
      const job = await this.#existing(tx, who, id);
      if (job.status === "cancelled" || job.status === "scheduled") throw impossible("retry", job);
      const count = await retryFailed(tx, id);
      if (count === 0) throw new ApiProblem("conflict", "The job has no failed messages to try again.");
      await writeAudit(tx, who, {
        action: "job.retry_failed",
        subject: `job:${id}`,
        detail: { retried: count },
      });
      return { before: job, after: await this.#existing(tx, who, id), retried: count };
    });
    this.#announcer.jobChanged(who.tenantId, after, before.status);
    return { retried, job: after };
  }

  /** @throws ApiProblem 404, 409 */
  async patch(who: Actor, id: string, patch: JobPatchFields): Promise<SendMessagesJob> {
    const job = await transaction(this.#db, async (tx) => {
      const changed = await patchJob(tx, who.tenantId, id, patch);
      const verb = patch.scheduledAt === undefined ? "patch" : "reschedule";
      if (!changed) throw impossible(verb, await this.#existing(tx, who, id));
      const { priority, scheduledAt } = patch;
      const detail = { priority, scheduled_at: scheduledAt };
      await writeAudit(tx, who, { action: "job.patch", subject: `job:${id}`, detail });
      return changed;
    });
    this.#announcer.jobChanged(who.tenantId, job, job.status);
    return job;
  }

  /** @throws ApiProblem 404, 409 */
  async settleUnknown(
    who: Actor,
    id: string,
    as: "resend" | "failed",
  ): Promise<{ settled: number; job: SendMessagesJob }> {
    const { before, after, settled } = await transaction(this.#db, async (tx) => {
      const job = await this.#existing(tx, who, id);
      const count = await settleUnknown(tx, id, as);
      if (count === 0)
        throw new ApiProblem(
          "conflict",
          "The job has no messages of which it is open whether they were sent.",
        );
      await writeAudit(tx, who, {
        action: "job.settle_unknown",
        subject: `job:${id}`,
        detail: { as, settled: count },
      });
      return { before: job, after: await this.#existing(tx, who, id), settled: count };
    });
    this.#announcer.jobChanged(who.tenantId, after, before.status);
    return { settled, job: after };
  }

  async #change(
    verb: Verb,
    who: Actor,
    id: string,
    update: (tx: Transaction) => Promise<JobChange | null>,
  ): Promise<SendMessagesJob> {
    const change = await transaction(this.#db, async (tx) => {
      const made = await update(tx);
      if (!made) throw impossible(verb, await this.#existing(tx, who, id));
      await writeAudit(tx, who, {
        action: `job.${verb}`,
        subject: `job:${id}`,
        detail: { from: made.previous },
      });
      return made;
    });
    this.#announcer.jobChanged(who.tenantId, change.job, change.previous);
    return change.job;
  }

  async #existing(tx: Transaction, who: Actor, id: string): Promise<SendMessagesJob> {
    const job = await findJob(tx, who.tenantId, id);
    if (!job) throw notFound(`job with the id ${id}`);
    return job;
  }
}

const doing: Readonly<Record<Verb, string>> = {
  pause: "Only a pending or running job can be paused",
  resume: "Only a paused job can be resumed",
  cancel: "Only a job that has not ended can be cancelled",
  patch: "Only a job that has not ended can be changed",
  reschedule: "Only a job that has not begun can be moved",
  retry: "Failed messages of such a job cannot be tried again",
};

function impossible(verb: Verb, { status }: SendMessagesJob): ApiProblem {
  return new ApiProblem("conflict", `${doing[verb]}; this one is ${status}.`);
}
