import { busChannel, type BusEvent } from "@pregonero/contracts";
import {
  markScrapingAnnounced,
  readScrapingFigures,
  readUnannouncedScrapingJobs,
  type Database,
  type MovedStep,
} from "@pregonero/db";

export interface ScrapingNewsOptions {
  readonly db: Database;
  readonly bus: { publish(channel: string, event: BusEvent): Promise<boolean> };
}

/** Tells listeners what has become of steps and jobs. A courtesy: the rows are the truth. */
export class ScrapingNews {
  readonly #options: ScrapingNewsOptions;

  constructor(options: ScrapingNewsOptions) {
    this.#options = options;
  }

  async moved(moved: MovedStep): Promise<void> {
    const { db, bus } = this.#options;
    const [job] = await readScrapingFigures(db, [moved.jobId]);
    if (!job) return;
    const { stepId: id, stepNumber, name, status, attempts, errorCode, errorMessage } = moved;
    const step = { id, stepNumber, name, status, attempts, errorCode, errorMessage };
    await bus.publish(busChannel.job(job.id), { type: "scraping_step", step, job });
    if (moved.jobEnded) await this.owed();
  }

  /** Publishes every change of a job's status that nobody has published yet. */
  async owed(): Promise<void> {
    const { db, bus } = this.#options;
    const owed = await readUnannouncedScrapingJobs(db);
    const previous = new Map(owed.map((job) => [job.id, job.previous]));
    for (const job of await readScrapingFigures(db, [...previous.keys()])) {
      const event: BusEvent = { type: "scraping_job", previous: previous.get(job.id) ?? null, job };
      const heard = await Promise.all([
        bus.publish(busChannel.job(job.id), event),
        bus.publish(busChannel.tenant(job.tenantId), event),
      ]);
      if (heard.every(Boolean)) await markScrapingAnnounced(db, job.id, job.status);
    }
  }
}
