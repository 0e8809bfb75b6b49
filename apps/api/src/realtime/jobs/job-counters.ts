import { finishedOf, type JobProgress } from "@pregonero/contracts";

/**
 * The newest counters of a job. Those of two workers may come in the wrong order; figures that go back frighten people.
 */
export class JobCounters {
  #newest: JobProgress;
  /** Changes with each event: tells whether a row was asked for before it. */
  version = 0;

  constructor(row: JobProgress) {
    this.#newest = row;
  }

  get newest(): JobProgress {
    return this.#newest;
  }

  /** What an event said. @returns whether it is news */
  heard(job: JobProgress): boolean {
    this.version += 1;
    if (job.status === this.#newest.status && stepsOf(job) <= stepsOf(this.#newest)) return false;
    this.#newest = job;
    return true;
  }

  /** A row, which is the truth unless events came since it was asked for. @returns whether it is news */
  read(row: JobProgress, version: number): boolean {
    if (version !== this.version && stepsOf(row) <= stepsOf(this.#newest)) return false;
    const same = JSON.stringify(row) === JSON.stringify(this.#newest);
    this.#newest = row;
    return !same;
  }
}

/** Grows with every step that a message takes. */
function stepsOf(job: JobProgress): number {
  return job.sending + 2 * finishedOf(job) + job.delivered + job.read;
}
