import { busChannel, type BusEvent, type JobStatus } from "@pregonero/contracts";
import { markScrapingAnnounced, readScrapingFigures, type Database } from "@pregonero/db";
import type { Background } from "../background.ts";

export interface ScrapingAnnouncerDeps {
  readonly db: Database;
  readonly bus: { publish(channel: string, event: BusEvent): Promise<boolean> };
  readonly queue: { wake(turns: number): Promise<void> };
  readonly background: Background;
}

/** Tells workers and listeners about scraping jobs. A courtesy: what nobody heard is found in the rows. */
export class ScrapingAnnouncer {
  readonly #deps: ScrapingAnnouncerDeps;

  constructor(deps: ScrapingAnnouncerDeps) {
    this.#deps = deps;
  }

  /** @param previous null when it was just made. @param turns how many steps could be visited at once now */
  jobChanged(job: { id: string; status: JobStatus }, previous: JobStatus | null, turns: number): void {
    const { background, bus, queue } = this.#deps;
    background.run("announce a scraping job", () => this.#publish(job, previous));
    background.run("wake the scraping workers", async () => {
      await bus.publish(busChannel.workers(), { type: "scraping_wake" });
      if (turns > 0) await queue.wake(turns);
    });
  }

  async #publish(job: { id: string; status: JobStatus }, previous: JobStatus | null): Promise<void> {
    const { db, bus } = this.#deps;
    const [figures] = await readScrapingFigures(db, [job.id]);
    if (!figures) return;
    // A worker may have moved it on since: that change is announced by whoever made it.
    const event: BusEvent = { type: "scraping_job", previous, job: { ...figures, status: job.status } };
    const heard = await Promise.all([
      bus.publish(busChannel.job(job.id), event),
      bus.publish(busChannel.tenant(figures.tenantId), event),
    ]);
    if (heard.every(Boolean)) await markScrapingAnnounced(db, job.id, job.status);
  }
}
