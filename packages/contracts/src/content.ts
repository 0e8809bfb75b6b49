import { z } from "zod";

/**
 * What a job sends when it is not plain text. Every string in it is a template that is rendered with the variables of
 * each message: `{"type": "text", "text": "{{nombre}}"}`.
 */
const linkSchema = z.strictObject({ link: z.string().min(1).max(2_048) });

const parameterSchema = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("text"),
    text: z.string().max(1_024),
    parameter_name: z.string().max(64).optional(),
  }),
  z.strictObject({ type: z.literal("image"), image: linkSchema }),
  z.strictObject({ type: z.literal("video"), video: linkSchema }),
  z.strictObject({
    type: z.literal("document"),
    document: linkSchema.extend({ filename: z.string().max(240).optional() }),
  }),
  z.strictObject({ type: z.literal("payload"), payload: z.string().max(256) }),
  z.strictObject({ type: z.literal("coupon_code"), coupon_code: z.string().max(64) }),
]);

/** As the Cloud API takes them. */
const componentSchema = z.discriminatedUnion("type", [
  z.strictObject({ type: z.enum(["header", "body"]), parameters: z.array(parameterSchema).max(50) }),
  z.strictObject({
    type: z.literal("button"),
    sub_type: z.enum(["url", "quick_reply", "copy_code"]),
    index: z.string().regex(/^\d$/),
    parameters: z.array(parameterSchema).max(5),
  }),
]);

/** A template that WhatsApp has approved. */
export const templateContentSchema = z.strictObject({
  kind: z.literal("template"),
  name: z.string().min(1).max(512),
  language: z.string().regex(/^[a-z]{2,3}(_[A-Z]{2})?$/, "must be a language such as es or pt_BR"),
  components: z.array(componentSchema).max(20).default([]),
});

/** What a stored template is called at WhatsApp and how its parameters are filled: `{{name}}` as in texts. */
export const providerTemplateSchema = templateContentSchema
  .omit({ kind: true })
  .meta({ id: "ProviderTemplate" });
export type ProviderTemplate = z.infer<typeof providerTemplateSchema>;

/** A file that the provider fetches by itself. */
export const mediaContentSchema = z.strictObject({
  kind: z.literal("media"),
  media_type: z.enum(["image", "document", "video", "audio"]),
  link: z.string().min(1).max(2_048),
  caption: z.string().max(1_024).optional(),
  filename: z.string().max(240).optional(),
});

export const jobContentSchema = z
  .discriminatedUnion("kind", [templateContentSchema, mediaContentSchema])
  .meta({ id: "JobContent" });
export type JobContent = z.infer<typeof jobContentSchema>;

/** A file that was uploaded here; only replies have one. */
export const fileContentSchema = z.strictObject({
  kind: z.literal("file"),
  media_id: z.uuid(),
  caption: z.string().max(1_024).optional(),
});
export type FileContent = z.infer<typeof fileContentSchema>;

/** What may stand in `send_messages_jobs.content`. */
export const storedContentSchema = z.discriminatedUnion("kind", [
  templateContentSchema,
  mediaContentSchema,
  fileContentSchema,
]);
export type StoredContent = z.infer<typeof storedContentSchema>;

/** When a job pauses by itself: of the last `window_s` seconds' messages, at least `min_messages`, this share failed. */
export const autoPauseSchema = z
  .strictObject({
    enabled: z.boolean().default(true),
    failure_rate: z.number().min(0.01).max(1).default(0.5),
    min_messages: z.int().min(5).max(100_000).default(50),
    window_s: z.int().min(10).max(3_600).default(60),
  })
  .meta({ id: "AutoPause" });
export type AutoPause = z.infer<typeof autoPauseSchema>;
