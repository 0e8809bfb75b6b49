import { z } from "zod";
import { deviceIdSchema, timeSchema } from "./api/fields.ts";
import { connectionStateSchema, jobStatusSchema, messageStateSchema } from "./states.ts";

/**
 * What webhooks tell. The catalogue is open: later releases add types and fields, none is renamed or taken away.
 * The data is put together in SQL, in the transaction of the change (see `emit_webhook_event` in prisma/migrations).
 */

const phoneSchema = z.string().describe("E.164 digits without +.");

const messageEventData = z.object({
  message_id: z.uuid(),
  job_id: z.uuid(),
  campaign_id: z.uuid().nullable(),
  device_id: deviceIdSchema.nullable(),
  phone: phoneSchema,
  state: messageStateSchema,
  attempt: z.int(),
  provider_message_id: z.string().nullable(),
  error_code: z.string().nullable(),
  at: timeSchema,
});

const messageReceivedData = z.object({
  message_id: z.uuid(),
  conversation_id: z.uuid().nullable(),
  device_id: deviceIdSchema,
  provider_message_id: z.string(),
  phone: z.string().describe("E.164 digits without +, or the provider's own id when it hides the number."),
  type: z.string().describe("The provider's word for it: text, image, audio, button, …"),
  text: z.string().nullable(),
  media_id: z.uuid().nullable(),
  at: timeSchema,
});

const jobEventData = z.object({
  job_id: z.uuid(),
  campaign_id: z.uuid().nullable(),
  kind: z.string().describe("campaign, bulk or single"),
  status: jobStatusSchema,
  status_reason: z.string().nullable(),
  total: z.int(),
  sent: z.int().describe("Delivered and read ones included."),
  delivered: z.int(),
  read: z.int(),
  failed: z.int(),
  cancelled: z.int(),
  skipped: z.int(),
  unknown: z.int(),
  created_by: z.string(),
  created_at: timeSchema,
  scheduled_at: timeSchema.nullable(),
  started_at: timeSchema.nullable(),
  completed_at: timeSchema.nullable(),
});

const deviceStateData = z.object({
  device_id: deviceIdSchema,
  name: z.string(),
  kind: z.string(),
  phone: phoneSchema.nullable(),
  previous_state: connectionStateSchema,
  state: connectionStateSchema,
  reason: z.string().nullable(),
  at: timeSchema,
});

const webhookDisabledData = z.object({
  endpoint_id: z.uuid(),
  url: z.string(),
  reason: z.string(),
  at: timeSchema,
});

const webhookPingData = z.object({ endpoint_id: z.uuid(), at: timeSchema });

/** Every type, what it tells, and its data. */
export const webhookCatalogue = {
  "message.sent": { tells: "A message went out.", data: messageEventData },
  "message.delivered": { tells: "A message has reached the phone.", data: messageEventData },
  "message.read": { tells: "A message was read.", data: messageEventData },
  "message.failed": {
    tells: "A message will not be tried again; error_code says why.",
    data: messageEventData,
  },
  "message.skipped": {
    tells: "A message was left out, because its recipient has opted out.",
    data: messageEventData,
  },
  "message.cancelled": { tells: "A message was cancelled before it went.", data: messageEventData },
  "message.unknown": {
    tells: "Whether a message went could not be seen; one of the others may still follow.",
    data: messageEventData,
  },
  "message.received": { tells: "Somebody wrote to a device.", data: messageReceivedData },
  "job.created": { tells: "A job was made.", data: jobEventData },
  "job.started": { tells: "The first message of a job was taken up.", data: jobEventData },
  "job.paused": {
    tells: "A job was paused, by somebody or by itself; status_reason says why.",
    data: jobEventData,
  },
  "job.resumed": {
    tells: "A job goes on, after a pause or to try failed messages again.",
    data: jobEventData,
  },
  "job.completed": { tells: "Every message of a job has ended.", data: jobEventData },
  "job.failed": { tells: "A job cannot go on.", data: jobEventData },
  "job.cancelled": { tells: "A job was cancelled.", data: jobEventData },
  "device.state_changed": { tells: "A device was connected, lost, or shows a QR.", data: deviceStateData },
  "webhook.disabled": {
    tells: "Another endpoint was disabled, because it failed for days or is gone.",
    data: webhookDisabledData,
  },
  "webhook.ping": {
    tells: "Somebody tries the endpoint out. Comes without being asked for.",
    data: webhookPingData,
  },
} as const satisfies Record<string, { tells: string; data: z.ZodType }>;

export type WebhookEventType = keyof typeof webhookCatalogue;

export type WebhookEventData<T extends WebhookEventType> = z.infer<(typeof webhookCatalogue)[T]["data"]>;

export const webhookEventTypes = Object.keys(webhookCatalogue) as [WebhookEventType, ...WebhookEventType[]];

/** Types that an endpoint can ask for; `*` stands for all, those of later releases included. */
export const webhookSubscriptionSchema = z.enum(["*", ...webhookEventTypes]);
export type WebhookSubscription = z.infer<typeof webhookSubscriptionSchema>;

/** What is posted. Receivers tell repetitions by `id`, and let types pass that they do not know. */
export const webhookBodySchema = z
  .object({ id: z.uuid(), type: z.string(), created_at: timeSchema, data: z.record(z.string(), z.unknown()) })
  .meta({ id: "WebhookBody" });
export type WebhookBody = z.infer<typeof webhookBodySchema>;

/** One of the types that this release knows, with its data. */
export type WebhookEvent = {
  [T in WebhookEventType]: {
    readonly id: string;
    readonly type: T;
    readonly created_at: string;
    readonly data: WebhookEventData<T>;
  };
}[WebhookEventType];

/** Names of the headers of a delivery, in lower case. */
export const webhookHeaders = {
  /** `t=<unix seconds>,v1=<hex HMAC-SHA256 of "t.body">`; one v1 for each secret that is valid. */
  signature: "x-pregonero-signature",
  eventId: "x-pregonero-event-id",
  eventType: "x-pregonero-event",
  /** Number of the try, from 1. */
  attempt: "x-pregonero-attempt",
} as const;
