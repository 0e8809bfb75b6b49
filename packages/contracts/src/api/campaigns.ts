import { z } from "zod";
import { autoPauseSchema, jobContentSchema } from "../content.ts";
import { jobStatusSchema } from "../states.ts";
import { givenTimeSchema, nameSchema, text, timeSchema } from "./fields.ts";
import { sendMessagesJobSchema, sendOptions, sendProgressSchema } from "./jobs.ts";
import { notifySchema } from "./notifications.ts";
import { languageSchema, templateBodySchema, variablesSchema } from "./templates.ts";

export const campaignSchema = z
  .object({
    id: z.uuid(),
    slug: z.string().describe("The name as an address; usable wherever the id is."),
    name: z.string(),
    template_id: z.uuid().nullable(),
    body: z.string().describe("The text as it was when the campaign was planned."),
    file_name: z.string().nullable(),
    rows: z.int().describe("Recipients given."),
    accepted: z.int(),
    rejected: z.int(),
    created_by: z.string(),
    created_at: timeSchema,
    job_id: z.uuid().nullable().describe("Its newest job."),
  })
  .meta({ id: "Campaign" });
export type Campaign = z.infer<typeof campaignSchema>;

export const campaignItemSchema = campaignSchema
  .extend({
    status: jobStatusSchema.nullable().describe("Of its newest job, as is what follows."),
    status_reason: z.string().nullable(),
    progress: sendProgressSchema.nullable(),
    scheduled_at: timeSchema.nullable(),
    started_at: timeSchema.nullable(),
    completed_at: timeSchema.nullable(),
  })
  .meta({ id: "CampaignItem", description: "A campaign in a list, with how far it is." });
export type CampaignItem = z.infer<typeof campaignItemSchema>;

export const campaignsQueryFilters = {
  status: jobStatusSchema.optional().describe("Of its newest job."),
  name: text({ max: 120 }).optional().describe("A part of the name, capitals or not."),
};

export const rejectionReasonSchema = z
  .enum(["invalid_number", "missing_phone", "duplicate", "opted_out", "missing_variable", "malformed_row"])
  .meta({ id: "RejectionReason" });
export type RejectionReason = z.infer<typeof rejectionReasonSchema>;

export const rejectedRowSchema = z
  .object({
    line: z.int().describe("Line of the file (the header is line 1); place in the list, from 1, for JSON."),
    reason: rejectionReasonSchema,
    detail: z.string(),
    phone: z.string().describe("As it stood there, masked."),
  })
  .meta({ id: "RejectedRow" });
export type RejectedRow = z.infer<typeof rejectedRowSchema>;

const campaignOptions = {
  name: nameSchema,
  template_id: z.uuid().optional().describe("A stored template; else `template` or `body`."),
  template: z.string().min(1).max(120).optional().describe("A stored template by name (and `language`)."),
  body: templateBodySchema.optional(),
  content: jobContentSchema
    .optional()
    .describe(
      "Instead of a text: an approved template or a file. Every string in it may have `{{variables}}`.",
    ),
  language: languageSchema.optional(),
  ...sendOptions,
  max_concurrent: z
    .int()
    .min(1)
    .max(100_000)
    .optional()
    .describe("Most messages under way at once, over all devices."),
  batch_size: z.int().min(1).max(10_000).optional().describe("Most messages that a device takes at once."),
  auto_pause: autoPauseSchema.optional(),
  notify: notifySchema.optional(),
  scheduled_at: givenTimeSchema
    .optional()
    .describe("When its job begins; at once when left out. Who gets what is settled now."),
};

const texts = ["template_id", "template", "body", "content"] as const;
const oneText = (given: Readonly<Partial<Record<(typeof texts)[number], unknown>>>) =>
  texts.filter((name) => given[name] !== undefined).length === 1;
const oneTextMessage = {
  error: "give exactly one of template_id, template, body and content",
  path: ["body"],
};

export const recipientSchema = z
  .strictObject({
    phone: z.union([text({ min: 0, max: 60 }), z.int()]),
    variables: variablesSchema.default({}),
  })
  .meta({ id: "Recipient" });
export type Recipient = z.infer<typeof recipientSchema>;

export const campaignCreateSchema = z
  .strictObject({ ...campaignOptions, recipients: z.array(recipientSchema).min(1) })
  .refine(oneText, oneTextMessage)
  .meta({ id: "CampaignCreate" });
export type CampaignCreate = z.input<typeof campaignCreateSchema>;

const mappingSchema = z
  .record(z.string().max(200), text({ max: 200 }))
  .describe(
    'Which column is what: `{"phone": "Contacto 1", "name": "Cliente"}`. Other columns keep their names.',
  );

/** The text parts of the multipart form; the CSV comes as the part `file`. Lists, numbers and true/false as JSON. */
export const campaignFormSchema = z
  .strictObject({
    ...campaignOptions,
    mapping: mappingSchema.optional(),
  })
  .refine(oneText, oneTextMessage)
  .meta({ id: "CampaignForm" });
export type CampaignForm = z.input<typeof campaignFormSchema>;

/** The text parts of the form; the CSV comes as the part `file`. */
export const campaignPreviewFormSchema = z
  .strictObject({
    template_id: z.uuid().optional(),
    body: templateBodySchema.optional().describe("Without a text, numbers alone are judged."),
    mapping: mappingSchema.optional(),
  })
  .refine(({ template_id, body }) => template_id === undefined || body === undefined, {
    error: "give one of template_id and body",
    path: ["body"],
  })
  .meta({ id: "CampaignPreviewForm" });
export type CampaignPreviewForm = z.input<typeof campaignPreviewFormSchema>;

export const campaignPreviewSchema = z
  .object({
    columns: z.array(z.string()).describe("The header of the file."),
    phone_column: z.int().nullable().describe("Place of the column with the numbers, from 0."),
    rows: z
      .array(z.object({ line: z.int(), cells: z.array(z.string()) }))
      .describe("The first rows as they stand there."),
    obstacle: z
      .string()
      .nullable()
      .describe("Why no row could be judged: a column is missing. A mapping can put it right."),
    total: z.int().describe("Rows of the file, without the header."),
    accepted: z.int(),
    rejected: z.int(),
    reasons: z.array(z.object({ reason: rejectionReasonSchema, rows: z.int() })),
    rejected_rows: z.array(rejectedRowSchema).describe("The first 1,000."),
    too_many: z.boolean().describe("More than a campaign may have: creating it would be refused."),
  })
  .meta({ id: "CampaignPreview", description: "What a campaign from this file would come to." });
export type CampaignPreview = z.infer<typeof campaignPreviewSchema>;

export const campaignCreatedSchema = z
  .object({
    campaign: campaignSchema,
    job: sendMessagesJobSchema,
    accepted: z.int(),
    rejected: z.int(),
    rejected_rows: z
      .array(rejectedRowSchema)
      .describe("The first 1,000; all at `/campaigns/{id}/rejections`."),
    rejected_rows_truncated: z.boolean(),
  })
  .meta({ id: "CampaignCreated" });
export type CampaignCreated = z.infer<typeof campaignCreatedSchema>;
