import { z } from "zod";
import { timeSchema } from "./fields.ts";

const eventSchema = z
  .enum(["completed", "failed", "paused", "step"])
  .describe("`paused`: it stopped by itself, for too many failures. `step`: each domain of a batch job.");

const emailsSchema = z.array(z.email().max(254)).max(20).describe("At most 20 addresses.");
const webhookUrlSchema = z
  .url({ protocol: /^https?$/ })
  .max(2_000)
  .describe(
    "Gets a POST with JSON, signed when the platform has a key for it. Only public addresses are called.",
  );

/** Who is told what of a job. */
export const notifySchema = z
  .strictObject({
    email: emailsSchema.default([]),
    webhook_url: webhookUrlSchema.nullish().transform((url) => url ?? null),
    on: z.array(eventSchema).min(1).default(["completed", "failed", "paused"]),
  })
  .meta({ id: "Notify", description: "Who is told what of a job." });
export type Notify = z.output<typeof notifySchema>;
export type NotifyInput = z.input<typeof notifySchema>;

export const notificationSchema = z
  .object({
    id: z.uuid(),
    job_id: z.uuid().nullable(),
    job_type: z.enum(["batch_scraping", "send_messages"]).nullable(),
    step_id: z.uuid().nullable(),
    event: z.enum([...eventSchema.options, "test"]),
    channel: z.enum(["email", "webhook"]),
    recipient: z.string(),
    status: z.enum(["pending", "sending", "sent", "failed"]),
    attempts: z.int(),
    next_attempt_at: timeSchema.nullable().describe("Null when it has been sent, or never will be."),
    last_error: z.string().nullable(),
    created_at: timeSchema,
    sent_at: timeSchema.nullable(),
  })
  .meta({ id: "Notification", description: "One thing told to one recipient, and whether it came through." });
export type Notification = z.infer<typeof notificationSchema>;

export const notificationsQueryFilters = {
  job_id: z.uuid().optional(),
  status: notificationSchema.shape.status.optional(),
};

export const notificationTestSchema = z
  .strictObject({ email: z.email().max(254).optional(), webhook_url: webhookUrlSchema.optional() })
  .refine(({ email, webhook_url }) => (email === undefined) !== (webhook_url === undefined), {
    error: "give either email or webhook_url",
    path: ["email"],
  })
  .meta({ id: "NotificationTest" });
export type NotificationTest = z.input<typeof notificationTestSchema>;

/** What a notification by webhook has as its body. */
export const notificationBodySchema = z.object({
  id: z.uuid().describe("The same when it is sent again."),
  type: z.string().describe("`job.completed`, `job.failed`, `job.paused`, `job.step` or `test`."),
  created_at: timeSchema,
  job_id: z.uuid().nullable(),
  job_type: z.enum(["batch_scraping", "send_messages"]).nullable(),
  step_id: z.uuid().nullable(),
  data: z.record(z.string(), z.unknown()).describe("Figures as they were then."),
});
export type NotificationBody = z.infer<typeof notificationBodySchema>;

export const signingSecretSchema = z
  .object({ secret: z.string() })
  .meta({ id: "NotificationSecret", description: "Signs the notifications of the tenant." });
export type NotificationSecret = z.infer<typeof signingSecretSchema>;
