import { z } from "zod";
import { jobStatusSchema } from "../states.ts";
import { deviceIdSchema, timeSchema } from "./fields.ts";
import { jobKindSchema, sendProgressSchema } from "./jobs.ts";

export const throughputMinuteSchema = z
  .object({
    at: timeSchema.describe("When the minute began."),
    sent: z.int().describe("Messages that the provider took."),
    delivered: z.int(),
    read: z.int(),
    failed: z.int(),
  })
  .meta({ id: "ThroughputMinute" });
export type ThroughputMinute = z.infer<typeof throughputMinuteSchema>;

export const activeJobSchema = z
  .object({
    id: z.uuid(),
    kind: jobKindSchema,
    campaign_id: z.uuid().nullable(),
    name: z.string().nullable().describe("Of its campaign."),
    status: jobStatusSchema,
    status_reason: z.string().nullable(),
    progress: sendProgressSchema,
    scheduled_at: timeSchema.nullable(),
    started_at: timeSchema.nullable(),
    created_at: timeSchema,
  })
  .meta({ id: "ActiveJob" });
export type ActiveJob = z.infer<typeof activeJobSchema>;

export const deviceHealthSchema = z
  .enum([
    "ok",
    "put aside",
    "no outcomes",
    "no worker",
    "disconnected",
    "connecting",
    "qr",
    "connected",
    "error",
    "closed",
    "not linked",
  ])
  .meta({ id: "DeviceHealth" });
export type DeviceHealth = z.infer<typeof deviceHealthSchema>;

export const overviewSchema = z
  .object({
    throughput: z.array(throughputMinuteSchema).describe("The last 60 minutes, oldest first; all of them."),
    jobs: z.array(activeJobSchema).describe("Those that have not ended, newest first, at most 20."),
    devices: z.array(
      z.object({
        device_id: deviceIdSchema,
        name: z.string(),
        health: deviceHealthSchema,
        reason: z.string().nullable(),
        sent_last_minute: z.int(),
      }),
    ),
    failures: z
      .array(z.object({ error_code: z.string(), messages: z.int() }))
      .describe("Messages of the last 24 hours that have an error now; the commonest ten."),
  })
  .meta({ id: "Overview", description: "What somebody wants to know who has just come in." });
export type Overview = z.infer<typeof overviewSchema>;
