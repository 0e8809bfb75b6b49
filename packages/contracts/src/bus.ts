import { z } from "zod";
import { crmEventSchema } from "./crm-events.ts";
import {
  connectionStateSchema,
  jobStatusSchema,
  messageStateSchema,
  scrapingStepStatusSchema,
} from "./states.ts";

/**
 * What workers and API instances tell each other over Redis pub/sub. Nothing here is the truth: whoever misses an event
 * reads the rows. New fields are optional, because the process of the last release may still be listening.
 */

/** Counters of a job, as they stand in `send_messages_jobs`. `sent` includes delivered and read. */
export const jobProgressSchema = z.object({
  id: z.uuid(),
  tenantId: z.int(),
  status: jobStatusSchema,
  statusReason: z.string().nullable(),
  total: z.int(),
  sending: z.int(),
  sent: z.int(),
  delivered: z.int(),
  read: z.int(),
  failed: z.int(),
  cancelled: z.int(),
  skipped: z.int(),
  unknown: z.int(),
  settling: z.int(),
  /** Devices that have sent, failed or lost at least one of its messages. */
  devicesUsed: z.int(),
});
export type JobProgress = z.infer<typeof jobProgressSchema>;

/** Messages that moved together; `job` has the counters after them. */
export const messagesMovedSchema = z.object({
  type: z.literal("messages"),
  jobId: z.uuid(),
  items: z.array(
    z.object({
      messageId: z.uuid(),
      deviceId: z.int().nullable(),
      /** E.164 digits without `+`. */
      phone: z.string(),
      from: messageStateSchema,
      state: messageStateSchema,
      errorCode: z.string().nullable(),
    }),
  ),
  job: jobProgressSchema,
});

/** The job's status changed (or it was created: `previous` is null). At least once. */
export const jobChangedSchema = z.object({
  type: z.literal("job"),
  previous: jobStatusSchema.nullable(),
  job: jobProgressSchema,
});

export const deviceChangedSchema = z.object({
  type: z.literal("device"),
  device: z.object({
    id: z.int(),
    tenantId: z.int(),
    state: connectionStateSchema,
    reason: z.string().nullable(),
    phone: z.string().nullable(),
    /** What a QR encodes, while the state is `qr`. */
    qr: z.string().nullable(),
  }),
});

/** To workers: look at this device now (new work, a command, a pause that ended). A hint, never needed for progress. */
export const deviceWakeSchema = z.object({ type: z.literal("wake"), deviceId: z.int() });

/** Something that a tenant's CRM is to see. */
export const crmHappenedSchema = z.object({
  type: z.literal("crm"),
  tenantId: z.int(),
  event: crmEventSchema,
});

/** Counters of a scraping job, as they stand in `scraping_jobs`. */
export const scrapingJobFiguresSchema = z.object({
  id: z.uuid(),
  tenantId: z.int(),
  status: jobStatusSchema,
  statusReason: z.string().nullable(),
  total: z.int(),
  running: z.int(),
  completed: z.int(),
  failed: z.int(),
  cancelled: z.int(),
  skipped: z.int(),
});
export type ScrapingJobFigures = z.infer<typeof scrapingJobFiguresSchema>;

/** The scraping job's status changed (or it was created: `previous` is null). At least once. */
export const scrapingJobChangedSchema = z.object({
  type: z.literal("scraping_job"),
  previous: jobStatusSchema.nullable(),
  job: scrapingJobFiguresSchema,
});

/** A step of a scraping job moved; `job` has the counters after it. `pending` after a try means one more follows. */
export const scrapingStepMovedSchema = z.object({
  type: z.literal("scraping_step"),
  step: z.object({
    id: z.uuid(),
    stepNumber: z.int(),
    name: z.string(),
    status: scrapingStepStatusSchema,
    attempts: z.int(),
    errorCode: z.string().nullable(),
    errorMessage: z.string().nullable(),
  }),
  job: scrapingJobFiguresSchema,
});

/** To workers: scraping work was made or called off. A hint, never needed for progress. */
export const scrapingWakeSchema = z.object({ type: z.literal("scraping_wake") });

export const busEventSchema = z.discriminatedUnion("type", [
  messagesMovedSchema,
  jobChangedSchema,
  deviceChangedSchema,
  deviceWakeSchema,
  crmHappenedSchema,
  scrapingJobChangedSchema,
  scrapingStepMovedSchema,
  scrapingWakeSchema,
]);
export type BusEvent = z.infer<typeof busEventSchema>;
export type MessagesMoved = z.infer<typeof messagesMovedSchema>;
export type JobChanged = z.infer<typeof jobChangedSchema>;
export type DeviceChanged = z.infer<typeof deviceChangedSchema>;
export type CrmHappened = z.infer<typeof crmHappenedSchema>;
export type ScrapingJobChanged = z.infer<typeof scrapingJobChangedSchema>;
export type ScrapingStepMoved = z.infer<typeof scrapingStepMovedSchema>;

/** Channel names of the bus. */
export const busChannel = {
  /** `messages` and `job`, or `scraping_step` and `scraping_job`, events of one job. */
  job: (jobId: string) => `job:${jobId}`,
  /** `job`, `scraping_job` and `device` events of one tenant. */
  tenant: (tenantId: number) => `tenant:${tenantId}`,
  /** `crm` events of one tenant. */
  crm: (tenantId: number) => `crm:${tenantId}`,
  /** `wake` and `scraping_wake` events. */
  workers: () => "workers",
} as const;

/** 100 * finished / total with one decimal; an empty job is finished. */
export function percentage(progress: Pick<JobProgress, FinishedPart | "total">): number {
  if (progress.total === 0) return 100;
  return Math.floor((1000 * finishedOf(progress)) / progress.total) / 10;
}

type FinishedPart = "sent" | "failed" | "cancelled" | "skipped" | "unknown" | "settling";

/** Messages that will not be tried again. */
export function finishedOf(progress: Pick<JobProgress, FinishedPart>): number {
  const { sent, failed, cancelled, skipped, unknown, settling } = progress;
  return sent + failed + cancelled + skipped + unknown - settling;
}
