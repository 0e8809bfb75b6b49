import type { BatchJob, ScrapingJob } from "@pregonero/contracts";

/** A scraping job in the form of the "batch jobs" contract. */
export function asBatchJob({ progress, scheduled_at: _, status_reason: __, ...job }: ScrapingJob): BatchJob {
  return {
    ...job,
    job_type: "batch_scraping",
    total_steps: progress.total,
    completed_steps: progress.completed,
    failed_steps: progress.failed,
    progress_percentage: progress.percentage,
  };
}
