import type { BusEvent, JobProgress } from "@pregonero/contracts";
import type { JobFact, JobNews } from "./job-fact.ts";
import { LatestOnly } from "../states/latest-only.ts";
import { JobCounters } from "./job-counters.ts";
import { JobTracker } from "./job-tracker.ts";

/** What somebody wants to hear of a job. */
export interface JobListener {
  news?(news: JobNews): void;
  /** The counters as they are now: newest wins, at most four times a second. */
  state?(job: JobProgress): void;
  /** Messages moved of which nobody told, and nobody will. */
  eventsLost?(): void;
}

const stateIntervalMs = 250;

export interface JobWatchOptions {
  readonly jobId: string;
  /** How long events may be late before they count as lost, ms. */
  readonly lateMs: () => number;
  readonly onCaughtUp: () => void;
  /** What comes so much later than expected was late, and not lost, ms. */
  readonly lostAfterMs: number;
}

export interface JobMoment {
  readonly era: number;
  readonly version: number;
}

/** One job as all sockets of this process see it: what has been told so far, and who is to be told what comes. */
export class JobWatch {
  readonly #options: JobWatchOptions;
  readonly #listeners = new Set<JobListener>();
  readonly #tracker: JobTracker;
  readonly #counters: JobCounters;
  readonly #states = new LatestOnly<JobProgress>(stateIntervalMs, (job) => {
    for (const listener of this.#listeners) listener.state?.(job);
  });
  #settling: NodeJS.Timeout | undefined;
  #missing: NodeJS.Timeout | undefined;

  constructor(row: JobProgress, options: JobWatchOptions) {
    this.#tracker = new JobTracker(row);
    this.#counters = new JobCounters(row);
    this.#options = options;
  }

  get tenantId(): number {
    return this.#tracker.tenantId;
  }

  get ended(): boolean {
    return this.#tracker.ended;
  }

  /** Remember it when a row is asked for, and give it back with the row. */
  get moment(): JobMoment {
    return { era: this.#tracker.era, version: this.#counters.version };
  }

  /** The counters as they are now. */
  get state(): JobProgress {
    return this.#counters.newest;
  }

  /** @returns the present state; the listener is told all that follows it. */
  add(listener: JobListener): JobNews {
    this.#listeners.add(listener);
    return { jobId: this.#options.jobId, facts: this.#tracker.present() };
  }

  remove(listener: JobListener): void {
    this.#listeners.delete(listener);
  }

  eventArrived(event: BusEvent): void {
    if (event.type === "messages") this.#tell(this.#tracker.messagesMoved(event));
    if (event.type === "job") this.#tell(this.#tracker.jobChanged(event));
    if (event.type !== "messages" && event.type !== "job") return;
    if (this.#counters.heard(event.job)) this.#states.offer(this.#counters.newest);
  }

  rowRead(row: JobProgress, { era, version }: JobMoment): void {
    this.#tell(this.#tracker.rowRead(row, era));
    if (this.#counters.read(row, version)) this.#states.offer(this.#counters.newest);
  }

  close(): void {
    this.#listeners.clear();
    this.#states.close();
    clearTimeout(this.#settling);
    clearTimeout(this.#missing);
    this.#settling = undefined;
  }

  #tell(facts: readonly JobFact[]): void {
    if (facts.length > 0) {
      const news: JobNews = { jobId: this.#options.jobId, facts };
      for (const listener of this.#listeners) listener.news?.(news);
    }
    this.#settleLater();
  }

  /** Gives events on the way their time, then shows what Postgres is known to have. */
  #settleLater(): void {
    if (!this.#tracker.owes || this.#settling !== undefined) return;
    const known = this.#tracker.known;
    this.#settling = setTimeout(() => {
      this.#settling = undefined;
      const facts = this.#tracker.settle(known);
      if (facts.some(({ kind }) => kind === "caught_up")) this.#caughtUp();
      this.#tell(facts);
    }, this.#options.lateMs());
  }

  #caughtUp(): void {
    this.#options.onCaughtUp();
    const late = this.#tracker.late;
    this.#missing ??= setTimeout(() => {
      this.#missing = undefined;
      if (this.#tracker.late === late) for (const listener of this.#listeners) listener.eventsLost?.();
    }, this.#options.lostAfterMs);
  }
}
