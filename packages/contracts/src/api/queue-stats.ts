import { z } from "zod";
import { deviceIdSchema } from "./fields.ts";

export const queueStatsSchema = z
  .object({
    device_id: deviceIdSchema,
    device_name: z.string(),
    name: z.string(),
    waiting: z.int(),
    active: z.int(),
    completed: z.int(),
    failed: z.int(),
    delayed: z.int(),
    paused: z.int(),
    queued_messages: z
      .int()
      .describe("Waiting messages of the jobs that this device works on; it may share them."),
  })
  .meta({
    id: "QueueStats",
    description: "One queue of a device. Its jobs are turns; messages wait in the database.",
  });
export type QueueStats = z.infer<typeof queueStatsSchema>;

export const queuesSchema = z
  .object({
    queues: z.array(queueStatsSchema),
    messages: z
      .object({ waiting: z.int(), sending: z.int(), settling: z.int() })
      .describe("Of all unfinished jobs of the tenant."),
  })
  .meta({ id: "Queues" });
export type Queues = z.infer<typeof queuesSchema>;

export const queuesCleanSchema = z
  .strictObject({ older_than_ms: z.int().min(0).max(31_536_000_000) })
  .meta({ id: "QueuesClean" });
export const queuesCleanedSchema = z.object({ removed: z.int() }).meta({ id: "QueuesCleaned" });
export type QueuesCleaned = z.infer<typeof queuesCleanedSchema>;
