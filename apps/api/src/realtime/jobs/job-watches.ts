import { busChannel, type BusEvent, type JobProgress } from "@pregonero/contracts";
import { sleep, type Logger } from "@pregonero/runtime";
import type { EventSource } from "../event-source.ts";
import type { JobNews } from "./job-fact.ts";
import { JobWatch, type JobListener, type JobMoment } from "./job-watch.ts";
import { ProgressReader, type ReadProgress } from "./progress-reader.ts";

export interface JobWatchesOptions {
  readonly bus: EventSource;
  readonly readProgress: ReadProgress;
  readonly log: Logger;
  /** Each watched job is read again so often, ms. */
  readonly pollMs: number;
  /** How long an event may be late before it counts as lost, ms. */
  readonly lateMs: number;
  /** What was counted and of which no event comes for so long is told as lost, ms. */
  readonly lostAfterMs: number;
  readonly onCaughtUp: () => void;
  /** Told how many jobs are watched whenever that changes. */
  readonly onCount: (watched: number) => void;
}

interface Entry {
  users: number;
  /** Undefined while the row has not been read, and when there is none. */
  watch: JobWatch | undefined;
  readonly loaded: Promise<JobWatch | undefined>;
  readonly unsubscribe: () => void;
}

/** A job that has ended changes only when somebody starts it anew: it is read in one round of so many. */
const roundsForEnded = 15;

/**
 * The jobs that sockets of this process look at: one subscription and one state for each, however many look. Events make
 * it quick, rows make it true: with Redis away clients are told the same, `pollMs` later.
 */
export class JobWatches {
  readonly #options: JobWatchesOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #reader: ProgressReader;
  readonly #polling: Promise<void>;
  #closed = false;
  #pollNow = (): void => undefined;

  constructor(options: JobWatchesOptions) {
    this.#options = options;
    this.#reader = new ProgressReader(options.readProgress);
    options.bus.onReconnected(() => this.#pollNow());
    this.#polling = this.#poll();
  }

  /**
   * What follows the present state goes to `listener` until `unwatch`, which must be called in either case. Waits while
   * Postgres is away.
   * @param jobId a UUID in lower case
   * @returns the present state, or undefined when the tenant has no such job
   */
  async watch(jobId: string, tenantId: number, listener: JobListener): Promise<JobNews | undefined> {
    const entry = this.#entries.get(jobId) ?? this.#open(jobId);
    entry.users += 1;
    const watch = await entry.loaded;
    return watch?.tenantId === tenantId ? watch.add(listener) : undefined;
  }

  /** The newest counters of a job that is watched. */
  stateOf(jobId: string): JobProgress | undefined {
    return this.#entries.get(jobId)?.watch?.state;
  }

  unwatch(jobId: string, listener: JobListener): void {
    const entry = this.#entries.get(jobId);
    if (!entry) return;
    entry.watch?.remove(listener);
    entry.users -= 1;
    if (entry.users === 0) this.#forget(jobId, entry);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#pollNow();
    for (const [jobId, entry] of this.#entries) this.#forget(jobId, entry);
    await this.#polling;
  }

  /** Position first, then the row, then what arrived meanwhile. */
  #open(jobId: string): Entry {
    const early: BusEvent[] = [];
    const take = (event: BusEvent) => (entry.watch ? entry.watch.eventArrived(event) : early.push(event));
    const unsubscribe = this.#options.bus.subscribe(busChannel.job(jobId), take);
    const loaded = this.#row(jobId).then((row) => {
      if (!row || this.#entries.get(jobId) !== entry) return undefined;
      entry.watch = this.#watchOf(row);
      for (const event of early) entry.watch.eventArrived(event);
      return entry.watch;
    });
    const entry: Entry = { users: 0, watch: undefined, loaded, unsubscribe };
    this.#entries.set(jobId, entry);
    this.#options.onCount(this.#entries.size);
    return entry;
  }

  #forget(jobId: string, entry: Entry): void {
    this.#entries.delete(jobId);
    this.#options.onCount(this.#entries.size);
    entry.unsubscribe();
    entry.watch?.close();
  }

  #watchOf(row: JobProgress): JobWatch {
    const { bus, lateMs, lostAfterMs, onCaughtUp } = this.#options;
    // With Redis away no event is on its way.
    return new JobWatch(row, {
      jobId: row.id,
      lateMs: () => (bus.ready ? lateMs : 0),
      lostAfterMs,
      onCaughtUp,
    });
  }

  async #row(jobId: string): Promise<JobProgress | undefined> {
    for (;;) {
      try {
        return await this.#reader.one(jobId);
      } catch (error) {
        this.#options.log.warn("job could not be read, trying again", { jobId, error });
      }
      await sleep(this.#options.pollMs);
      if (this.#closed || !this.#entries.has(jobId)) return undefined;
    }
  }

  async #poll(): Promise<void> {
    for (let round = 1; !this.#closed; round += 1) {
      await this.#interval();
      try {
        await this.#readAgain(round % roundsForEnded === 0);
      } catch (error) {
        this.#options.log.warn("watched jobs could not be read", { error });
      }
    }
  }

  async #readAgain(withEnded: boolean): Promise<void> {
    const moments = new Map<string, JobMoment>();
    for (const [jobId, { watch }] of this.#entries) {
      if (watch && (withEnded || !watch.ended)) moments.set(jobId, watch.moment);
    }
    if (moments.size === 0) return;
    for (const row of await this.#options.readProgress([...moments.keys()])) {
      const moment = moments.get(row.id);
      if (moment !== undefined) this.#entries.get(row.id)?.watch?.rowRead(row, moment);
    }
  }

  #interval(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, this.#options.pollMs);
      this.#pollNow = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
