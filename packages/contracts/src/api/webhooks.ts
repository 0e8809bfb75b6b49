import { z } from "zod";
import { webhookBodySchema, webhookEventTypes, webhookSubscriptionSchema } from "../webhook-events.ts";
import { text, timeSchema } from "./fields.ts";

export const webhookDeliveryStatusSchema = z.enum(["pending", "sending", "delivered", "failed"]);
export type WebhookDeliveryStatus = z.infer<typeof webhookDeliveryStatusSchema>;

const subscriptionsSchema = z
  .array(webhookSubscriptionSchema)
  .min(1)
  .max(100)
  .transform((types) => [...new Set(types)])
  .describe("`*` stands for all, those of later releases included.");

const urlSchema = z
  .url()
  .max(2_000)
  .describe("https://…, reachable from the Internet; redirects are not followed.");

const descriptionSchema = text({ min: 0, max: 500 });

export const webhookEndpointSchema = z
  .object({
    id: z.uuid(),
    url: z.string(),
    description: z.string(),
    event_types: z.array(z.string()),
    enabled: z.boolean(),
    disabled_reason: z
      .string()
      .nullable()
      .describe("Why it was disabled by itself; null when a person did it."),
    disabled_at: timeSchema.nullable(),
    failures: z.int().describe("Tries that failed since the last success."),
    failing_since: timeSchema.nullable(),
    last_success_at: timeSchema.nullable(),
    old_secret_until: timeSchema
      .nullable()
      .describe("Until then the secret before the last rotation signs as well."),
    created_at: timeSchema,
    updated_at: timeSchema,
  })
  .meta({ id: "WebhookEndpoint" });
export type WebhookEndpoint = z.infer<typeof webhookEndpointSchema>;

export const webhookEndpointWithSecretSchema = webhookEndpointSchema
  .extend({ secret: z.string().describe("For checking signatures. Shown only here.") })
  .meta({ id: "WebhookEndpointWithSecret" });
export type WebhookEndpointWithSecret = z.infer<typeof webhookEndpointWithSecretSchema>;

export const webhookEndpointCreateSchema = z
  .object({
    url: urlSchema,
    event_types: subscriptionsSchema,
    description: descriptionSchema.default(""),
    enabled: z.boolean().default(true),
  })
  .meta({ id: "WebhookEndpointCreate" });
export type WebhookEndpointCreate = z.infer<typeof webhookEndpointCreateSchema>;

export const webhookEndpointPatchSchema = z
  .object({
    url: urlSchema.optional(),
    event_types: subscriptionsSchema.optional(),
    description: descriptionSchema.optional(),
    enabled: z
      .boolean()
      .optional()
      .describe("Enabling one forgets its failures. What was still owed goes out then."),
  })
  .meta({ id: "WebhookEndpointPatch" });
export type WebhookEndpointPatch = z.infer<typeof webhookEndpointPatchSchema>;

export const webhookSecretRotateSchema = z
  .object({
    overlap_hours: z
      .int()
      .min(0)
      .max(168)
      .default(24)
      .describe("How long deliveries are signed with the former secret too."),
  })
  .meta({ id: "WebhookSecretRotate" });

export const webhookDeliverySchema = z
  .object({
    id: z.int(),
    endpoint_id: z.uuid(),
    event_id: z.uuid(),
    event_type: z.string(),
    status: webhookDeliveryStatusSchema,
    attempts: z.int(),
    next_attempt_at: timeSchema.nullable().describe("While it is pending."),
    last_attempt_at: timeSchema.nullable(),
    response_status: z.int().nullable().describe("Of the last try; null when there was no answer."),
    error: z.string().nullable(),
    duration_ms: z.int().nullable(),
    occurred_at: timeSchema,
    created_at: timeSchema,
    finished_at: timeSchema.nullable(),
  })
  .meta({ id: "WebhookDelivery" });
export type WebhookDelivery = z.infer<typeof webhookDeliverySchema>;

export const webhookDeliveryDetailSchema = webhookDeliverySchema
  .extend({
    body: webhookBodySchema.describe("What is posted."),
    response_excerpt: z.string().nullable().describe("The first 1,000 characters of the last answer."),
    tries: z.array(
      z.object({
        at: timeSchema,
        status: z.int().nullable(),
        error: z.string().nullable(),
        duration_ms: z.int().nullable(),
      }),
    ),
  })
  .meta({ id: "WebhookDeliveryDetail" });
export type WebhookDeliveryDetail = z.infer<typeof webhookDeliveryDetailSchema>;

export const webhookDeliveryFilters = {
  endpoint_id: z.uuid().optional(),
  event_type: z.enum(webhookEventTypes).optional(),
  status: webhookDeliveryStatusSchema.optional(),
  since: timeSchema.optional().describe("Of the event."),
  until: timeSchema.optional(),
};

export const webhookReplaySchema = z
  .object({
    since: timeSchema,
    until: timeSchema.optional(),
    event_types: z.array(z.enum(webhookEventTypes)).min(1).max(100).optional(),
  })
  .meta({ id: "WebhookReplay" });
export type WebhookReplay = z.infer<typeof webhookReplaySchema>;

export const webhookReplayedSchema = z.object({ replayed: z.int() }).meta({ id: "WebhookReplayed" });

export const webhookEventTypeSchema = z
  .object({
    type: z.string(),
    tells: z.string(),
    data: z.record(z.string(), z.unknown()).describe("JSON Schema of the event's data."),
  })
  .meta({ id: "WebhookEventType" });
export type WebhookEventDescription = z.infer<typeof webhookEventTypeSchema>;
export const webhookEventTypesSchema = z.object({ items: z.array(webhookEventTypeSchema) });
