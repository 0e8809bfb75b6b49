import { busChannel, type JobProgress, type JobStatus } from "@pregonero/contracts";
import {
  markAnnounced,
  readJobProgress,
  readUnannouncedJobs,
  type Database,
  type MovedMessage,
} from "@pregonero/db";
import type { EventBus } from "@pregonero/queue";

/** Tells over Redis what has been committed. What it cannot tell (Redis away) it owes: the row says so. */
export class Announcer {
  readonly #db: Database;
  readonly #bus: EventBus;
  /** Status of each job as last seen here; a difference means that a status event may be owed. */
  readonly #seen = new Map<string, JobStatus>();

  constructor(db: Database, bus: EventBus) {
    this.#db = db;
    this.#bus = bus;
  }

  async moved(messages: readonly MovedMessage[]): Promise<void> {
    if (messages.length === 0) return;
    const byJob = new Map<string, MovedMessage[]>();
    for (const message of messages) {
      const of = byJob.get(message.jobId);
      if (of) of.push(message);
      else byJob.set(message.jobId, [message]);
    }
    const jobs = await readJobProgress(this.#db, [...byJob.keys()]);
    const changed = jobs.some((job) => this.#seen.get(job.id) !== job.status);
    const ended = jobs.filter((job) => job.status === "completed" || job.status === "failed");
    // A job's start is told before its first message, its end after its last.
    if (changed && ended.length < jobs.length) await this.owed();
    for (const job of jobs) {
      this.#seen.set(job.id, job.status);
      await this.#publishMessages(job, byJob.get(job.id) ?? []);
    }
    if (ended.length > 0) {
      await this.owed();
      for (const job of ended) this.#seen.delete(job.id);
    }
  }

  /** Publishes every status that was not published yet. */
  async owed(): Promise<void> {
    const owed = await readUnannouncedJobs(this.#db);
    if (owed.length === 0) return;
    const previous = new Map(owed.map((job) => [job.id, job.previous]));
    const told: { id: string; status: JobStatus }[] = [];
    for (const job of await readJobProgress(this.#db, [...previous.keys()])) {
      const event = { type: "job" as const, previous: previous.get(job.id) ?? null, job };
      const heard = await Promise.all([
        this.#bus.publish(busChannel.job(job.id), event),
        this.#bus.publish(busChannel.tenant(job.tenantId), event),
      ]);
      if (heard.every(Boolean)) told.push({ id: job.id, status: job.status });
    }
    await markAnnounced(this.#db, told);
  }

  async #publishMessages(job: JobProgress, moved: readonly MovedMessage[]): Promise<void> {
    await this.#bus.append(busChannel.job(job.id), {
      type: "messages",
      jobId: job.id,
      items: moved.map((message) => ({
        messageId: message.messageId,
        deviceId: message.deviceId,
        phone: message.phone,
        from: message.from,
        state: message.to,
        errorCode: message.errorCode,
      })),
      job,
    });
  }
}
