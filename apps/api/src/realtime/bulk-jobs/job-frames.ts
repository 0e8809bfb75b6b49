import type { JobFrame, JobProgress } from "@pregonero/contracts";
import type { JobFact } from "../jobs/job-fact.ts";
import { errorText } from "./error-texts.ts";

const messages = {
  created: "Job created",
  started: "Job started",
  paused: "Job paused",
  resumed: "Job resumed",
  cancelled: "Job cancelled",
} as const;

/** A fact as the "bulk jobs" contract puts it. */
export function jobFrame(jobId: string, fact: JobFact, phoneText: (phone: string) => string): JobFrame {
  const about = { job_id: jobId, progress: fact.figures };
  switch (fact.kind) {
    case "message_sent":
      return {
        type: "progress",
        job_id: jobId,
        device_id: fact.deviceId,
        phone: phoneText(fact.phone),
        status: "sent",
        progress: fact.figures,
      };
    case "message_failed":
      return {
        type: "error",
        job_id: jobId,
        device_id: fact.deviceId,
        phone: phoneText(fact.phone),
        error: errorText(fact.errorCode),
        error_code: fact.errorCode,
        progress: fact.figures,
      };
    case "caught_up":
      return { type: "progress", device_id: null, phone: "", status: "sent", catch_up: true, ...about };
    case "completed":
      return {
        type: "job_completed",
        message: "Job completed",
        status: "completed",
        results: resultsOf(fact.job),
        ...about,
      };
    case "failed": {
      const error = fact.job.statusReason ?? "failed";
      const message = `Job failed: ${error}`;
      return { type: "job_failed", error, message, status: "failed", results: resultsOf(fact.job), ...about };
    }
    case "created":
    case "started":
    case "paused":
    case "resumed":
    case "cancelled":
      return {
        type: `job_${fact.kind}`,
        message: messages[fact.kind],
        status: fact.job.status === "running" ? "processing" : fact.job.status,
        ...about,
      };
  }
}

/** `parallel_workers` is the number of devices that took part: each sends one message at a time. */
function resultsOf({ sent, failed, total, devicesUsed }: JobProgress) {
  return { sent, failed, total, devices_used: devicesUsed, parallel_workers: devicesUsed };
}
