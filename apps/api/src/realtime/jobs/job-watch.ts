import type { BusEvent, JobProgress } from "@pregonero/contracts";
import type { JobFact, JobNews } from "./job-fact.ts";
import { JobTracker } from "./job-tracker.ts";

export type JobListener = (news: JobNews) => void;

export interface JobWatchOptions {
  readonly jobId: string;
  /** How long events may be late before they count as lost, ms. */
  readonly lateMs: () => number;
  readonly onCaughtUp: () => void;
}

/** One job as all sockets of this process see it: what has been told so far, and who is to be told what comes. */
export class JobWatch {
  readonly #options: JobWatchOptions;
  readonly #listeners = new Set<JobListener>();
  readonly #tracker: JobTracker;
  #settling: NodeJS.Timeout | undefined;

  constructor(row: JobProgress, options: JobWatchOptions) {
    this.#tracker = new JobTracker(row);
    this.#options = options;
  }

  get tenantId(): number {
    return this.#tracker.tenantId;
  }

  get ended(): boolean {
    return this.#tracker.ended;
  }

  get era(): number {
    return this.#tracker.era;
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
  }

  rowRead(row: JobProgress, era: number): void {
    this.#tell(this.#tracker.rowRead(row, era));
  }

  close(): void {
    this.#listeners.clear();
    clearTimeout(this.#settling);
    this.#settling = undefined;
  }

  #tell(facts: readonly JobFact[]): void {
    if (facts.length > 0) {
      const news: JobNews = { jobId: this.#options.jobId, facts };
      for (const listener of this.#listeners) listener(news);
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
      if (facts.some(({ kind }) => kind === "caught_up")) this.#options.onCaughtUp();
      this.#tell(facts);
    }, this.#options.lateMs());
  }
}
