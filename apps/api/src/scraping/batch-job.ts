import type { BatchJob, ScrapingJob } from "@pregonero/contracts";

/** A scraping job in the form of the "batch jobs" contract. */
export function asBatchJob(job: ScrapingJob): BatchJob {
  const { progress, scheduled_at: _scheduledAt, status_reason: _statusReason, ...shared } = job;
  return {
    ...shared,
    job_type: "batch_scraping",
    total_steps: progress.total,
    completed_steps: progress.completed,
    failed_steps: progress.failed,
    progress_percentage: progress.percentage,
  };
}
