import { z } from "zod";
import { browserContextStatusSchema } from "./browser-contexts.ts";
import { deviceIdSchema, timeSchema } from "./fields.ts";
import { deviceHealthSchema } from "./overview.ts";

export const fleetWorkerSchema = z
  .object({
    id: z.uuid(),
    name: z.string(),
    status: z.enum(["available", "busy", "error", "draining", "stopped", "lost"]),
    error: z.string().nullable(),
    version: z.string(),
    slots: z.int().describe("The most browser contexts that it hosts."),
    contexts: z.int().describe("Of this tenant, open in it."),
    devices: z.int().describe("That it holds, of all kinds."),
    memory_mb: z.int().nullable(),
    started_at: timeSchema,
    silent_s: z.int().describe("Seconds since its last sign of life."),
  })
  .meta({ id: "FleetWorker" });
export type FleetWorker = z.infer<typeof fleetWorkerSchema>;

export const fleetDeviceSchema = z
  .object({
    device_id: deviceIdSchema,
    name: z.string(),
    health: deviceHealthSchema,
    reason: z.string().nullable(),
    worker: z.string().nullable(),
    context: browserContextStatusSchema.nullable(),
    context_error: z.string().nullable(),
    memory_mb: z.int().nullable(),
    sends: z.int().nullable(),
    queued: z.int().describe("Messages that it may take."),
    retrying: z.int(),
    in_flight: z.int(),
    settling: z.int(),
    oldest_waits_s: z.int().nullable().describe("How long the oldest of them has waited."),
    sent_last_minute: z.int(),
  })
  .meta({ id: "FleetDevice" });
export type FleetDevice = z.infer<typeof fleetDeviceSchema>;

export const stuckSchema = z
  .object({
    job_id: z.uuid().nullable(),
    job: z.string().nullable(),
    device_id: deviceIdSchema.nullable(),
    device: z.string().nullable(),
    waiting: z.int().nullable(),
    reason: z.string().describe("In words, in English."),
  })
  .meta({ id: "Stuck", description: "What should move and does not." });
export type Stuck = z.infer<typeof stuckSchema>;

export const fleetSchema = z
  .object({
    workers: z.array(fleetWorkerSchema).describe("Alive, and those lost within the last day."),
    devices: z.array(fleetDeviceSchema),
    total: z.object({
      queued: z.int(),
      retrying: z.int(),
      paused: z.int(),
      in_flight: z.int(),
      settling: z.int(),
      oldest_waits_s: z.int().nullable(),
    }),
    stuck: z.array(stuckSchema),
  })
  .meta({ id: "Fleet" });
export type Fleet = z.infer<typeof fleetSchema>;
