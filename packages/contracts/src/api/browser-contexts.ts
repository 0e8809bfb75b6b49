import { z } from "zod";
import { deviceIdSchema, timeSchema } from "./fields.ts";

export const browserContextStatusSchema = z
  .enum(["available", "busy", "disconnected", "error", "closed"])
  .meta({ id: "BrowserContextStatus" });
export type BrowserContextStatus = z.infer<typeof browserContextStatusSchema>;

/** Addressed by its device: the ids of contexts never leave the server side. */
export const browserContextSchema = z
  .object({
    device_id: deviceIdSchema,
    device_name: z.string(),
    status: browserContextStatusSchema,
    error: z.string().nullable(),
    sends: z.int(),
    memory_mb: z.int().nullable(),
    created_at: timeSchema,
    updated_at: timeSchema,
    closed_at: timeSchema.nullable(),
  })
  .meta({ id: "BrowserContext", description: "The Chromium profile in which a device's session is live." });
export type BrowserContext = z.infer<typeof browserContextSchema>;

export const browserContextCreateSchema = z
  .strictObject({ device_id: deviceIdSchema })
  .meta({ id: "BrowserContextCreate" });
export type BrowserContextCreate = z.infer<typeof browserContextCreateSchema>;

export const browserContextPatchSchema = z
  .strictObject({ status: browserContextStatusSchema })
  .meta({ id: "BrowserContextPatch" });
export type BrowserContextPatch = z.infer<typeof browserContextPatchSchema>;

/** Something asked of the worker that holds a device. */
export const deviceCommandSchema = z
  .object({
    id: z.uuid(),
    device_id: deviceIdSchema,
    kind: z.enum(["pairing_code", "logout", "restart_context", "close_context", "set_context_status"]),
    status: z.enum(["waiting", "running", "done", "failed"]),
    error: z.string().nullable(),
    created_at: timeSchema,
    finished_at: timeSchema.nullable(),
  })
  .meta({ id: "DeviceCommand" });
export type DeviceCommand = z.infer<typeof deviceCommandSchema>;

export const contextCommandAnswerSchema = z
  .object({ command: deviceCommandSchema.nullable(), context: browserContextSchema.nullable() })
  .meta({ id: "ContextCommandAnswer" });
export type ContextCommandAnswer = z.infer<typeof contextCommandAnswerSchema>;
