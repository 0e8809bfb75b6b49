import { z } from "zod";
import { messageStateSchema } from "../states.ts";
import { deviceIdSchema, maskablePhoneSchema, queryIdSchema, timeSchema } from "./fields.ts";

export const messageRowSchema = z
  .object({
    id: z.uuid(),
    seq: z.int().describe("Place in the job, from 1."),
    phone: maskablePhoneSchema,
    state: messageStateSchema,
    attempts: z.int(),
    device_id: deviceIdSchema.nullable(),
    error_code: z.string().nullable(),
    error_detail: z.string().nullable(),
    due_at: timeSchema.nullable().describe("When a retry is due."),
    claimed_at: timeSchema.nullable(),
    sent_at: timeSchema.nullable(),
    delivered_at: timeSchema.nullable(),
    read_at: timeSchema.nullable(),
    finished_at: timeSchema.nullable(),
  })
  .meta({ id: "MessageRow" });
export type MessageRow = z.infer<typeof messageRowSchema>;

export const messageEventSchema = z
  .object({
    at: timeSchema,
    from_state: messageStateSchema,
    to_state: messageStateSchema,
    attempt: z.int(),
    device_id: deviceIdSchema.nullable(),
    error_code: z.string().nullable(),
    detail: z.string().nullable(),
  })
  .meta({ id: "MessageEvent" });
export type MessageEvent = z.infer<typeof messageEventSchema>;

export const messageDetailSchema = messageRowSchema
  .extend({
    job_id: z.uuid(),
    text: z.string().describe("As it is sent."),
    provider_message_id: z.string().nullable(),
    history: z.array(messageEventSchema),
  })
  .meta({ id: "MessageDetail" });
export type MessageDetail = z.infer<typeof messageDetailSchema>;

export const messagesQueryFilters = {
  state: messageStateSchema.optional(),
  device_id: queryIdSchema.optional(),
  phone: z.string().min(1).max(40).optional().describe("The whole number, written any way."),
};
