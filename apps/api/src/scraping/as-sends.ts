import {
  busChannel,
  type BusEvent,
  type JobProgress,
  type MessageState,
  type ScrapingJobFigures,
  type ScrapingStepStatus,
} from "@pregonero/contracts";
import { readJobProgress, readScrapingFigures, type Database } from "@pregonero/db";
import type { EventSource } from "../realtime/event-source.ts";

/*
 * Sockets tell of jobs in the words of sends: a step that is completed is `sent`, its domain stands where a number would.
 * So both types of job have the same frames, and whoever follows one follows the other.
 */

const stateOf: Readonly<Record<ScrapingStepStatus, MessageState>> = {
  pending: "retrying",
  running: "sending",
  completed: "sent",
  failed: "failed",
  cancelled: "cancelled",
  skipped: "skipped",
};

function asProgress({ running, completed, ...job }: ScrapingJobFigures): JobProgress {
  return {
    ...job,
    sending: running,
    sent: completed,
    delivered: 0,
    read: 0,
    unknown: 0,
    settling: 0,
    devicesUsed: 0,
  };
}

/** Counters of jobs of either type, as they are committed now. */
export async function readAnyProgress(db: Database, ids: readonly string[]): Promise<JobProgress[]> {
  const [sends, scrapings] = await Promise.all([readJobProgress(db, ids), readScrapingFigures(db, ids)]);
  return [...sends, ...scrapings.map(asProgress)];
}

/** The bus as sockets that follow a job hear it. */
export function withScrapingAsSends(bus: EventSource): EventSource {
  return {
    subscribe: (channel, listener) =>
      channel.startsWith(jobChannels)
        ? bus.subscribe(channel, (event, ...rest) => listener(asSendEvent(event), ...rest))
        : bus.subscribe(channel, listener),
    onReconnected: (listener) => bus.onReconnected(listener),
    onLost: (listener) => bus.onLost(listener),
    get ready() {
      return bus.ready;
    },
    head: (channel) => bus.head(channel),
    after: (channel, from, limit) => bus.after(channel, from, limit),
  };
}

const jobChannels = busChannel.job("");

/** An event of a scraping job as one of a send; any other as it is. */
function asSendEvent(event: BusEvent): BusEvent {
  if (event.type === "scraping_job") {
    return { type: "job", previous: event.previous, job: asProgress(event.job) };
  }
  if (event.type !== "scraping_step") return event;
  const { id, name, status, errorCode } = event.step;
  return {
    type: "messages",
    jobId: event.job.id,
    items: [
      { messageId: id, deviceId: null, phone: name, from: "sending", state: stateOf[status], errorCode },
    ],
    job: asProgress(event.job),
  };
}
