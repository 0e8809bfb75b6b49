import {
  cancelScrapingSteps,
  loseScrapingClaim,
  readCancellingScrapingJobs,
  readLostScrapingClaims,
  startScheduledScrapingJobs,
  type Database,
} from "@pregonero/db";
import type { Logger } from "@pregonero/runtime";
import type { ScrapingNews } from "../scraping/work/scraping-news.ts";

export interface ScrapingReconciliation {
  readonly db: Database;
  readonly scrapingNews: ScrapingNews;
  readonly log: Logger;
}

/** Rows that one transaction cancels: short enough not to be felt by visits under way. */
const cancelChunk = 5_000;

/** Of scraping jobs, what nobody else is there to put right: their time has come, their worker is gone, they are called off. */
export async function reconcileScraping(
  { db, scrapingNews, log }: ScrapingReconciliation,
  signal: AbortSignal,
): Promise<void> {
  await startScheduledScrapingJobs(db);
  for (const claimId of await readLostScrapingClaims(db)) {
    const moved = await loseScrapingClaim(db, claimId);
    if (!moved) continue;
    log.warn("the claim of a lost worker was taken back", { step: moved.stepId });
    await scrapingNews.moved(moved);
  }
  for (const jobId of await readCancellingScrapingJobs(db)) {
    while (!signal.aborted && (await cancelScrapingSteps(db, jobId, cancelChunk)) > 0);
  }
  await scrapingNews.owed();
}
