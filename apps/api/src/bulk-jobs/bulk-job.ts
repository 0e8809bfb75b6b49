import type { BulkJob, BulkJobStatus, JobStatus, SendMessagesJob } from "@pregonero/contracts";

/** The only word that this contract spells differently. */
function bulkStatus(status: JobStatus): BulkJobStatus {
  return status === "running" ? "processing" : status;
}

const ended: ReadonlySet<JobStatus> = new Set(["completed", "failed", "cancelled"]);

/** @param devicesUsed devices that sent, failed or lost at least one of its messages */
export function toBulkJob(job: SendMessagesJob, devicesUsed: number): BulkJob {
  const { sent, failed, total, percentage } = job.progress;
  const results = { sent, failed, total, devices_used: devicesUsed, parallel_workers: devicesUsed };
  return {
    id: job.id,
    status: bulkStatus(job.status),
    created_at: job.created_at,
    started_at: job.started_at,
    completed_at: job.completed_at,
    total_numbers: total,
    devices_limit: job.devices_limit,
    progress: { sent, failed, total, percentage },
    ...(ended.has(job.status) ? { results } : {}),
  };
}
