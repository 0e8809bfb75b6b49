import { z } from "zod";

/** States of what Postgres keeps: the same words in SQL, in the API and on the bus. */

export const jobStatusSchema = z.enum([
  "scheduled",
  "pending",
  "running",
  "completed",
  "failed",
  "paused",
  "cancelled",
]);
export type JobStatus = z.infer<typeof jobStatusSchema>;

export const messageStateSchema = z.enum([
  "queued",
  "sending",
  "retrying",
  "unknown",
  "sent",
  "delivered",
  "read",
  "failed",
  "cancelled",
  "skipped",
]);
export type MessageState = z.infer<typeof messageStateSchema>;

export const connectionStateSchema = z.enum(["disconnected", "connecting", "qr", "connected", "error"]);
export type ConnectionState = z.infer<typeof connectionStateSchema>;

/** A step of a scraping job: one domain. */
export const scrapingStepStatusSchema = z.enum([
  "pending",
  "running",
  "completed",
  "failed",
  "cancelled",
  "skipped",
]);
export type ScrapingStepStatus = z.infer<typeof scrapingStepStatusSchema>;

/** Which kind of job: one that visits websites, or one that sends messages. */
export const jobTypeSchema = z.enum(["batch_scraping", "send_messages"]);
export type JobType = z.infer<typeof jobTypeSchema>;
