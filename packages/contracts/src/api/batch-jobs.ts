import { z } from "zod";
import { jobStatusSchema, jobTypeSchema, scrapingStepStatusSchema } from "../states.ts";
import { queryInt, timeSchema } from "./fields.ts";

/** The "batch jobs" contract: both types of job in one form. Its field names are fixed. */

export const batchJobSchema = z
  .object({
    id: z.uuid(),
    job_type: jobTypeSchema,
    name: z.string().nullable(),
    description: z.string().nullable(),
    status: jobStatusSchema,
    config: z.record(z.string(), z.unknown()),
    priority: z.int().min(0).max(10),
    total_steps: z.int(),
    completed_steps: z.int(),
    failed_steps: z.int(),
    progress_percentage: z.number(),
    created_by: z.string(),
    created_at: timeSchema,
    started_at: timeSchema.nullable(),
    completed_at: timeSchema.nullable(),
  })
  .meta({ id: "BatchJob" });
export type BatchJob = z.infer<typeof batchJobSchema>;

export const batchJobsQuerySchema = z.object({
  status: jobStatusSchema.optional(),
  job_type: jobTypeSchema.optional(),
  limit: queryInt({ min: 1, max: 1_000, default: 50 }),
  offset: queryInt({ min: 0, max: 1_000_000, default: 0 }),
});

/** Of a send-messages job a step is a message, named by its number. */
export const batchStepSchema = z
  .object({
    id: z.uuid(),
    job_id: z.uuid(),
    step_number: z.int(),
    name: z.string().describe("The domain, or the number (masked for viewers)."),
    status: scrapingStepStatusSchema,
    result_data: z.record(z.string(), z.unknown()).nullable(),
    error_message: z.string().nullable(),
    started_at: timeSchema.nullable(),
    completed_at: timeSchema.nullable(),
  })
  .meta({ id: "BatchStep" });
export type BatchStep = z.infer<typeof batchStepSchema>;

export const batchStepsQuerySchema = z.object({
  status: scrapingStepStatusSchema.optional().describe("Of scraping jobs."),
  limit: queryInt({ min: 1, max: 1_000, default: 100 }),
  offset: queryInt({ min: 0, max: 10_000_000, default: 0 }),
});

export const batchJobStatsSchema = z
  .object({
    total: z.int(),
    by_status: z.partialRecord(jobStatusSchema, z.int()),
    by_type: z.partialRecord(jobTypeSchema, z.int()),
  })
  .meta({ id: "BatchJobStats" });
export type BatchJobStats = z.infer<typeof batchJobStatsSchema>;
