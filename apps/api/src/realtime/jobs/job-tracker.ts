import {
  percentage,
  type JobChanged,
  type JobProgress,
  type JobStatus,
  type MessagesMoved,
} from "@pregonero/contracts";
import type { Figures, JobFact } from "./job-fact.ts";

interface Counted {
  sent: number;
  failed: number;
}

type Item = MessagesMoved["items"][number];

const sentStates: ReadonlySet<string> = new Set(["sent", "delivered", "read"]);
const waiting: ReadonlySet<JobStatus> = new Set(["scheduled", "pending"]);
const over: ReadonlySet<JobStatus> = new Set(["completed", "failed"]);

/**
 * Turns events and rows of one job, which come in any order, twice, or never, into facts that a client can add up.
 *
 * Events carry the counters as they were some time after the commit, so they may already include messages whose own
 * events are still on the way. Therefore three sets of figures: `shown` moves one message at a time and never beyond
 * `ceiling`, the furthest that Postgres is known to be; what `base` (the row that was read first) includes is not told
 * again. When `shown` stays behind, events were lost, and `settle` makes up for them.
 */
export class JobTracker {
  #told: JobStatus;
  #latest: JobProgress;
  #base: Counted;
  #ceiling: Counted;
  #shown: Counted;
  #lastRow: Counted;
  #percentage = 0;
  /** The end, held back until the messages before it are shown. */
  #ending: JobProgress | undefined;
  /** Changes with every change of status: tells whether a row was read before it. */
  era = 0;
  /** Messages told by an event after they had been counted: changes when what was missing comes late. */
  late = 0;

  constructor(row: JobProgress) {
    this.#latest = row;
    this.#told = row.status;
    this.#base = countsOf(row);
    this.#ceiling = countsOf(row);
    this.#shown = countsOf(row);
    this.#lastRow = countsOf(row);
  }

  get tenantId(): number {
    return this.#latest.tenantId;
  }

  /** No more facts are expected, unless somebody starts the job anew. */
  get ended(): boolean {
    return over.has(this.#told) || this.#told === "cancelled";
  }

  /** What whoever comes late is told. Continues seamlessly with the facts that come next. */
  present(): JobFact[] {
    const told = this.#told;
    if (waiting.has(told)) return [this.#statusFact("created")];
    if (told === "completed" || told === "failed" || told === "cancelled") return [this.#statusFact(told)];
    if (told === "running") return [this.#statusFact("started")];
    return [this.#statusFact(begun(this.#latest) ? "started" : "created"), this.#statusFact("paused")];
  }

  messagesMoved({ items, job }: MessagesMoved): JobFact[] {
    if (over.has(this.#told)) return this.#amend(job);
    this.#raise(job);
    const facts: JobFact[] = [];
    // Only forward: whether the job pauses or resumes is not for messages to say, their events may be late.
    if (waiting.has(this.#told) && begun(job)) facts.push(...this.#become("running"));
    const base = { ...this.#base };
    for (const item of items) {
      const fact = this.#count(item, job, base);
      if (fact) facts.push(fact);
    }
    if (isEnd(job.status)) facts.push(...this.#move(job));
    return facts;
  }

  jobChanged({ previous, job }: JobChanged): JobFact[] {
    if (previous !== null && isEnd(previous) && !isEnd(job.status)) return this.#restart(job);
    if (over.has(this.#told)) return this.#amend(job);
    // Failed messages that an operator retries are no failures any more.
    if (previous === job.status) this.#atMost({ sent: this.#shown.sent, failed: job.failed });
    this.#raise(job);
    return this.#move(job);
  }

  /** @param era what `era` was when the read began; a row read before the status changed says nothing new */
  rowRead(row: JobProgress, era: number): JobFact[] {
    if (era !== this.era) return [];
    if (this.ended && !isEnd(row.status)) return this.#restart(row);
    if (over.has(this.#told)) return this.#amend(row);
    // Messages were taken back and the event was lost, if two rows in a row are below what is shown.
    this.#atMost({
      sent: Math.max(row.sent, this.#lastRow.sent),
      failed: Math.max(row.failed, this.#lastRow.failed),
    });
    this.#lastRow = countsOf(row);
    this.#raise(row);
    return this.#ending ? [] : this.#move(row);
  }

  /** Whether Postgres is known to be further than what is shown. */
  get owes(): boolean {
    const { sent, failed } = this.#ceiling;
    return this.#ending !== undefined || this.#shown.sent < sent || this.#shown.failed < failed;
  }

  /** Where Postgres is known to be; for `settle`, later. */
  get known(): Readonly<Counted> {
    return { ...this.#ceiling };
  }

  /** The events up to `known` have had their time: what is not shown was lost and is shown in one step. */
  settle(known: Readonly<Counted>): JobFact[] {
    const facts: JobFact[] = [];
    const { sent, failed } = this.#shown;
    this.#shown = { sent: Math.max(sent, known.sent), failed: Math.max(failed, known.failed) };
    this.#base = { ...known };
    if (this.#shown.sent > sent || this.#shown.failed > failed) {
      if (waiting.has(this.#told)) facts.push(...this.#become("running"));
      facts.push({ kind: "caught_up", figures: this.#figures() });
    }
    return [...facts, ...this.#endIfShown()];
  }

  #count(item: Item, job: JobProgress, base: Counted): JobFact | undefined {
    const sent = sentStates.has(item.state) && !sentStates.has(item.from);
    if (!sent && item.state !== "failed") return undefined;
    const key = sent ? "sent" : "failed";
    if (job[key] <= base[key] || this.#shown[key] >= this.#ceiling[key]) {
      this.late += 1;
      return undefined;
    }
    this.#shown[key] += 1;
    // A late ack of a message that had failed, or a failure that the provider reports after "sent".
    if (sent && item.from === "failed") this.#takeBack("failed");
    if (!sent && sentStates.has(item.from)) this.#takeBack("sent");
    const about = { figures: this.#figures(), deviceId: item.deviceId, phone: item.phone };
    if (sent) return { kind: "message_sent", ...about };
    return { kind: "message_failed", ...about, errorCode: item.errorCode };
  }

  #takeBack(key: keyof Counted): void {
    for (const counted of [this.#shown, this.#ceiling, this.#base])
      counted[key] = Math.max(0, counted[key] - 1);
  }

  /** Takes a status that is not behind the one told. */
  #move(job: JobProgress): JobFact[] {
    if (!over.has(job.status)) return this.#ending ? [] : this.#become(job.status);
    this.#ending ??= job;
    return this.#endIfShown();
  }

  #become(status: JobStatus): JobFact[] {
    const from = this.#told;
    if (from === status || isEnd(from)) return [];
    if (status === "scheduled" || (status === "pending" && from === "running")) return [];
    this.#tell(status);
    if (status === "paused" || status === "cancelled") return [this.#statusFact(status)];
    if (from === "paused") return [this.#statusFact("resumed")];
    return status === "running" ? [this.#statusFact("started")] : [];
  }

  #endIfShown(): JobFact[] {
    const job = this.#ending;
    if (!job || this.#shown.sent < job.sent || this.#shown.failed < job.failed) return [];
    const facts = waiting.has(this.#told) ? this.#become("running") : [];
    this.#ending = undefined;
    this.#absorb(job);
    this.#tell(job.status);
    return [...facts, this.#statusFact(job.status === "failed" ? "failed" : "completed")];
  }

  #restart(job: JobProgress): JobFact[] {
    this.#ending = undefined;
    this.#absorb(job);
    this.#percentage = 0;
    this.#tell(job.status);
    return this.present();
  }

  #tell(status: JobStatus): void {
    this.#told = status;
    this.era += 1;
  }

  /** Everything up to `job` is taken as told. */
  #absorb(job: JobProgress): [] {
    this.#latest = job;
    this.#base = countsOf(job);
    this.#ceiling = countsOf(job);
    this.#shown = countsOf(job);
    this.#lastRow = countsOf(job);
    return [];
  }

  #raise(job: JobProgress): void {
    this.#latest = job;
    this.#ceiling.sent = Math.max(this.#ceiling.sent, job.sent);
    this.#ceiling.failed = Math.max(this.#ceiling.failed, job.failed);
  }

  /** Figures of a job that has ended may still change (a late ack); nobody is told any more. */
  #amend(job: JobProgress): [] {
    return job.status === this.#told ? this.#absorb(job) : [];
  }

  #atMost(limit: Readonly<Counted>): void {
    for (const counted of [this.#shown, this.#ceiling, this.#base]) {
      counted.sent = Math.min(counted.sent, limit.sent);
      counted.failed = Math.min(counted.failed, limit.failed);
    }
  }

  #statusFact(
    kind: "created" | "started" | "paused" | "resumed" | "cancelled" | "completed" | "failed",
  ): JobFact {
    return { kind, figures: this.#figures(), job: { ...this.#latest, status: this.#told } };
  }

  #figures(): Figures {
    const { sent, failed } = this.#shown;
    // Counters of two workers may come in the wrong order; a bar that goes back frightens people.
    this.#percentage = Math.max(
      this.#percentage,
      Math.min(100, percentage({ ...this.#latest, sent, failed })),
    );
    return { sent, failed, total: this.#latest.total, percentage: this.#percentage };
  }
}

function countsOf({ sent, failed }: JobProgress): Counted {
  return { sent, failed };
}

function begun({ sending, sent, failed }: JobProgress): boolean {
  return sending + sent + failed > 0;
}

function isEnd(status: JobStatus): boolean {
  return over.has(status) || status === "cancelled";
}
