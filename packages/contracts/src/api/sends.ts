import { z } from "zod";
import { deviceIdSchema, messageTextSchema, text } from "./fields.ts";
import { sendOptions } from "./jobs.ts";

/** A device by its id or its name. */
const deviceRefSchema = z.union([deviceIdSchema, text({ max: 120 })], {
  error: "must be the id or the name of a device",
});

const toSchema = z.union([text({ max: 60 }), z.int()], { error: "must be a phone number" });

export const singleSendSchema = z
  .object({
    device: deviceRefSchema.optional().describe("Id or name; every linked device may send it when left out."),
    device_id: deviceIdSchema.optional(),
    to: toSchema,
    message: messageTextSchema,
    metadata: z.looseObject({ priority: z.enum(["low", "normal", "high"]).default("normal") }).optional(),
  })
  .meta({ id: "SingleSend" });
export type SingleSend = z.input<typeof singleSendSchema>;

export const bulkSendSchema = z
  .object({
    device_id: deviceIdSchema.optional(),
    device_ids: sendOptions.device_ids,
    pool: sendOptions.pool,
    devices_limit: sendOptions.devices_limit,
    messages: z.array(z.object({ to: toSchema, message: messageTextSchema })).min(1),
    delay: sendOptions.interval_ms.describe("Between two messages on one device, ms."),
    metadata: z.looseObject({ priority: z.enum(["low", "normal", "high"]).default("normal") }).optional(),
  })
  .meta({ id: "BulkSend" });
export type BulkSend = z.input<typeof bulkSendSchema>;

export const sendAcceptedSchema = z
  .object({
    job_id: z.uuid(),
    message_ids: z.array(z.uuid()).describe("In the order given; at most the first 1,000."),
    total: z.int(),
  })
  .meta({ id: "SendAccepted" });
export type SendAccepted = z.infer<typeof sendAcceptedSchema>;
