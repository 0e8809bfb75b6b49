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
