import { z } from "zod";
import { jobFiguresSchema, jobResultsSchema } from "../realtime.ts";
import { messageTextSchema, text, timeSchema } from "./fields.ts";

/** The "bulk jobs" contract, which older clients speak. Its field names and the word `processing` are fixed. */

export const bulkJobStatusSchema = z.enum([
  "scheduled",
  "pending",
  "processing",
  "completed",
  "failed",
  "paused",
  "cancelled",
]);
export type BulkJobStatus = z.infer<typeof bulkJobStatusSchema>;

export const bulkJobSchema = z
  .object({
    id: z.uuid(),
    status: bulkJobStatusSchema,
    created_at: timeSchema,
    started_at: timeSchema.nullable(),
    completed_at: timeSchema.nullable(),
    total_numbers: z.int(),
    devices_limit: z.int(),
    progress: jobFiguresSchema,
    results: jobResultsSchema.optional().describe("Once the job has ended."),
  })
  .meta({ id: "BulkJob" });
export type BulkJob = z.infer<typeof bulkJobSchema>;

export const sendBulkSchema = z
  .object({
    message: messageTextSchema,
    phones: z.array(text({ min: 0, max: 60 })).min(1, "must have at least one number"),
    devices_limit: z.int().min(1).max(1_000).default(5),
  })
  .meta({ id: "SendBulk" });
export type SendBulk = z.input<typeof sendBulkSchema>;

export const sendBulkAnswerSchema = z
  .object({ status: z.literal("success"), message: z.string(), job: bulkJobSchema })
  .meta({ id: "SendBulkAnswer" });
export type SendBulkAnswer = z.infer<typeof sendBulkAnswerSchema>;
