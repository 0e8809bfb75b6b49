import {
  finishedOf,
  percentage,
  type JobStatus,
  type QueueChange,
  type QueueList,
  type QueueStatus,
} from "@pregonero/contracts";
import type { CampaignStanding } from "@pregonero/db";

const states: Readonly<Record<JobStatus, QueueChange["estado"]>> = {
  scheduled: "programada",
  pending: "pendiente",
  running: "en_curso",
  completed: "completada",
  failed: "fallida",
  paused: "pausada",
  cancelled: "cancelada",
};

export function toQueueStatus(standing: CampaignStanding): QueueStatus {
  return { campaign_id: standing.slug, ...countsOf(standing), progress: percentage(standing) };
}

export function toQueueChange(standing: CampaignStanding): QueueChange {
  return { ...toQueueStatus(standing), estado: states[standing.status] };
}

export function toQueueItem(standing: CampaignStanding): QueueList["campaigns"][number] {
  return { id: standing.slug, ...countsOf(standing) };
}

/** What was cancelled, skipped or stays unknown is in none of the three: clients know no words for it. */
function countsOf(standing: CampaignStanding) {
  const { total, sent, failed } = standing;
  return { total, pending: total - finishedOf(standing), sent, failed };
}
