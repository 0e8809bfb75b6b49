import type { CrmEvent } from "@pregonero/contracts";
import type { JobFact, JobNews } from "../jobs/job-fact.ts";
import type { DeviceRow } from "../states/device-states.ts";

/** A device's state as the "crm events" contract puts it. */
export function deviceEvent({ id, state, reason, phone, qr }: DeviceRow): CrmEvent {
  return {
    type: "whatsapp_status_changed",
    data: { whatsappState: { device_id: id, state, reason, phone, qr } },
  };
}

/** How far a job is; undefined when the news are of something else. */
export function progressEvent({ jobId, facts }: JobNews): CrmEvent | undefined {
  const last = facts.findLast(isProgress);
  if (!last) return undefined;
  const currentConversation = "phone" in last ? last.phone : null;
  const { sent, total } = last.figures;
  return {
    type: "bulk_message_progress",
    data: { job_id: jobId, progress: { sent, total, currentConversation } },
  };
}

function isProgress(fact: JobFact): boolean {
  return fact.kind === "message_sent" || fact.kind === "message_failed" || fact.kind === "caught_up";
}

/** The end of a job. A cancelled one is over as well: what it has sent is all that it will send. */
export function endEvent({ jobId, facts }: JobNews): CrmEvent | undefined {
  for (const fact of facts) {
    const { sent, failed } = fact.figures;
    if (fact.kind === "completed" || fact.kind === "cancelled")
      return {
        type: "bulk_message_completed",
        data: { job_id: jobId, successCount: sent, errorCount: failed },
      };
    if (fact.kind === "failed")
      return {
        type: "bulk_message_error",
        data: { job_id: jobId, error: fact.job.statusReason ?? "failed" },
      };
  }
  return undefined;
}
