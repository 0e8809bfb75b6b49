import { z } from "zod";
import { jobStatusSchema, scrapingStepStatusSchema } from "../states.ts";
import { nameSchema, text, timeSchema } from "./fields.ts";
import { prioritySchema } from "./jobs.ts";

/** Jobs that visit websites and write a report for each. */

const mebibyte = 1_048_576;

/** How a scraping job visits. Stored whole, so that a later default changes no job that exists. */
export const scrapingConfigSchema = z
  .object({
    max_retries: z.int().min(0).max(10).default(2).describe("Tries of a domain after its first."),
    interval_ms: z
      .int()
      .min(0)
      .max(86_400_000)
      .default(1_000)
      .describe("Least time between two visits of one host, over all jobs."),
    concurrency: z.int().min(1).max(100).default(4).describe("Most domains of this job at the same time."),
    respect_robots: z.boolean().default(true).describe("Skip what the site's robots.txt keeps robots from."),
    timeout_ms: z.int().min(1_000).max(300_000).default(30_000).describe("Longest that one visit may take."),
    retry_delay_ms: z
      .int()
      .min(0)
      .max(3_600_000)
      .default(5_000)
      .describe("Pause before the second try; it doubles for each one after."),
    max_bytes: z
      .int()
      .min(65_536)
      .max(200 * mebibyte)
      .default(30 * mebibyte)
      .describe("Most that a visit may download, with everything the page loads."),
    max_redirects: z.int().min(0).max(20).default(10),
    max_link_checks: z.int().min(0).max(200).default(20).describe("Links of the page that are tried."),
    screenshot: z.boolean().default(true),
  })
  .meta({ id: "ScrapingConfig" });
export type ScrapingConfig = z.infer<typeof scrapingConfigSchema>;

/** Most domains of one job. */
export const mostDomains = 100_000;

export const createScrapingJobSchema = z
  .object({
    domains: z
      .array(text({ min: 0, max: 300 }))
      .min(1, "must have at least one domain")
      .max(mostDomains)
      .describe("As example.com or https://example.com. One that is there twice is visited once."),
    name: nameSchema.optional(),
    description: text({ min: 0, max: 2_000 }).optional(),
    config: scrapingConfigSchema.prefault({}),
    priority: prioritySchema.default("normal"),
  })
  .meta({ id: "CreateScrapingJob" });
export type CreateScrapingJob = z.input<typeof createScrapingJobSchema>;

/** Why a visit did not end in a report. */
export const scrapingErrorCodeSchema = z.enum([
  "dns",
  "connection",
  "tls",
  "timeout",
  "http",
  "blocked",
  "robots",
  "private_address",
  "redirect_loop",
  "too_large",
  "download",
  "crash",
  "worker_lost",
  "internal",
]);
export type ScrapingErrorCode = z.infer<typeof scrapingErrorCodeSchema>;

export const scrapingProgressSchema = z
  .object({
    total: z.int(),
    pending: z.int(),
    running: z.int(),
    completed: z.int(),
    failed: z.int(),
    cancelled: z.int(),
    skipped: z.int(),
    percentage: z.number().describe("Steps that will not be tried again, one decimal."),
  })
  .meta({ id: "ScrapingProgress" });
export type ScrapingProgress = z.infer<typeof scrapingProgressSchema>;

export const scrapingJobSchema = z
  .object({
    id: z.uuid(),
    name: z.string().nullable(),
    description: z.string().nullable(),
    status: jobStatusSchema,
    status_reason: z.string().nullable(),
    config: scrapingConfigSchema,
    priority: z.int().min(0).max(10),
    progress: scrapingProgressSchema,
    created_by: z.string(),
    created_at: timeSchema,
    scheduled_at: timeSchema.nullable(),
    started_at: timeSchema.nullable(),
    completed_at: timeSchema.nullable(),
  })
  .meta({ id: "ScrapingJob", description: "A list of domains that are visited, one step each." });
export type ScrapingJob = z.infer<typeof scrapingJobSchema>;

/** What a list shows of a report, beside the step. */
export const stepResultSchema = z
  .object({
    report_id: z.uuid().optional(),
    final_url: z.string().optional(),
    http_status: z.int().nullable().optional(),
    title: z.string().nullable().optional(),
    language: z.string().nullable().optional(),
    technologies: z.array(z.string()).optional(),
    links: z.int().optional(),
    broken_links: z.int().optional(),
    tls_valid_to: timeSchema.nullable().optional(),
    ttfb_ms: z.number().nullable().optional(),
    load_ms: z.number().nullable().optional(),
    bytes: z.int().optional(),
    requests: z.int().optional(),
  })
  .meta({ id: "StepResult" });
export type StepResult = z.infer<typeof stepResultSchema>;

export const scrapingStepSchema = z
  .object({
    id: z.uuid(),
    job_id: z.uuid(),
    step_number: z.int(),
    name: z.string().describe("The domain."),
    status: scrapingStepStatusSchema,
    attempts: z.int(),
    result_data: stepResultSchema.nullable(),
    error_code: scrapingErrorCodeSchema.nullable(),
    error_message: z.string().nullable(),
    started_at: timeSchema.nullable(),
    completed_at: timeSchema.nullable(),
  })
  .meta({ id: "ScrapingStep" });
export type ScrapingStep = z.infer<typeof scrapingStepSchema>;

export const scrapingStepsQueryFilters = {
  status: scrapingStepStatusSchema.optional(),
};

export const scrapingJobsQueryFilters = { status: jobStatusSchema.optional() };

export const retryFailedStepsAnswerSchema = z
  .object({ retried: z.int().describe("Domains that will be tried again."), job: scrapingJobSchema })
  .meta({ id: "RetryFailedStepsAnswer" });
export type RetryFailedStepsAnswer = z.infer<typeof retryFailedStepsAnswerSchema>;
