import { z } from "zod";
import { jobStatusSchema } from "../states.ts";
import { deviceIdSchema, givenTimeSchema, queryInt, timeSchema } from "./fields.ts";

export const jobKindSchema = z.enum(["campaign", "bulk", "single"]).meta({ id: "JobKind" });
export type JobKind = z.infer<typeof jobKindSchema>;

export const unknownPolicySchema = z
  .enum(["hold", "resend", "drop"])
  .describe("What becomes of a message of which nobody can tell whether it was sent.");

export const sendProgressSchema = z
  .object({
    total: z.int(),
    sent: z.int().describe("Includes delivered and read."),
    delivered: z.int().describe("Includes read."),
    read: z.int(),
    failed: z.int(),
    cancelled: z.int(),
    skipped: z.int(),
    unknown: z.int(),
    pending: z.int().describe("Waiting, being sent, or waiting for another try."),
    percentage: z.number().describe("Messages that will not be tried again, one decimal."),
  })
  .meta({ id: "SendProgress" });
export type SendProgress = z.infer<typeof sendProgressSchema>;

export const jobDeviceSchema = z
  .object({
    device_id: deviceIdSchema,
    name: z.string(),
    status: z.enum(["active", "standby", "closed"]),
    sent: z.int(),
    failed: z.int(),
    unknown: z.int(),
  })
  .meta({ id: "JobDevice", description: "What a device has done for a job." });
export type JobDevice = z.infer<typeof jobDeviceSchema>;

export const sendMessagesJobSchema = z
  .object({
    id: z.uuid(),
    kind: jobKindSchema,
    status: jobStatusSchema,
    status_reason: z.string().nullable(),
    campaign_id: z.uuid().nullable(),
    priority: z.int().min(0).max(10),
    total: z.int(),
    progress: sendProgressSchema,
    devices_limit: z.int(),
    interval_ms: z.int(),
    max_attempts: z.int(),
    unknown_policy: unknownPolicySchema,
    created_by: z.string(),
    created_at: timeSchema,
    scheduled_at: timeSchema.nullable(),
    started_at: timeSchema.nullable(),
    completed_at: timeSchema.nullable(),
  })
  .meta({ id: "SendMessagesJob", description: "One run of a campaign, or a bulk or single send." });
export type SendMessagesJob = z.infer<typeof sendMessagesJobSchema>;

export const sendMessagesJobDetailSchema = sendMessagesJobSchema
  .extend({ devices: z.array(jobDeviceSchema) })
  .meta({ id: "SendMessagesJobDetail" });
export type SendMessagesJobDetail = z.infer<typeof sendMessagesJobDetailSchema>;

export const jobsQueryFilters = {
  status: jobStatusSchema.optional(),
  kind: jobKindSchema.optional(),
  campaign: z.uuid().optional().describe("Id of a campaign."),
};

export const settleUnknownSchema = z
  .strictObject({
    as: z
      .enum(["resend", "failed"])
      .describe("`resend`: sent again, so that some recipients may get it twice. `failed`: given up."),
  })
  .meta({ id: "SettleUnknown" });
export type SettleUnknown = z.infer<typeof settleUnknownSchema>;

export const settleUnknownAnswerSchema = z
  .object({ settled: z.int().describe("Messages that this decided."), job: sendMessagesJobSchema })
  .meta({ id: "SettleUnknownAnswer" });
export type SettleUnknownAnswer = z.infer<typeof settleUnknownAnswerSchema>;

export const retryFailedAnswerSchema = z
  .object({ retried: z.int().describe("Messages that will be tried again."), job: sendMessagesJobSchema })
  .meta({ id: "RetryFailedAnswer" });
export type RetryFailedAnswer = z.infer<typeof retryFailedAnswerSchema>;

/** 0–10, or a word for 2, 5 or 8. */
export const prioritySchema = z
  .union([z.int().min(0).max(10), z.enum(["low", "normal", "high"])], {
    error: "must be a whole number from 0 to 10, or low, normal or high",
  })
  .describe("0–10, or low (2), normal (5), high (8): the share of a device that the job gets.");
export type Priority = z.infer<typeof prioritySchema>;

/** How a job sends; the same for campaigns and bulk sends. */
export const sendOptions = {
  device_ids: z
    .array(deviceIdSchema)
    .min(1)
    .max(1_000)
    .optional()
    .describe("Devices that may send; every linked one when neither these nor a pool are given."),
  pool: z.string().min(1).max(120).optional().describe("Name of a device pool."),
  devices_limit: z
    .int()
    .min(1)
    .max(1_000)
    .optional()
    .describe("Most devices that send at the same time. Default: all that are named, else 5."),
  interval_ms: z
    .int()
    .min(0)
    .max(86_400_000)
    .default(0)
    .describe("Pause between two messages of this job on one device."),
  priority: prioritySchema.default("normal"),
  unknown_policy: unknownPolicySchema.default("hold"),
  max_attempts: z.int().min(1).max(10).default(3),
  start: z.boolean().default(true).describe("False: the job is created paused."),
};

export const jobsLimitQuerySchema = z.object({ limit: queryInt({ min: 1, max: 1_000, default: 50 }) });

export const jobPatchSchema = z
  .strictObject({
    priority: prioritySchema.optional(),
    scheduled_at: givenTimeSchema
      .optional()
      .describe("Of a job that is still `scheduled`: when it begins instead."),
  })
  .meta({ id: "JobPatch" });
export type JobPatch = z.input<typeof jobPatchSchema>;
