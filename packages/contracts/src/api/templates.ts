import { z } from "zod";
import { providerTemplateSchema } from "../content.ts";
import { deviceIdSchema, longestMessage, nameSchema, text, timeSchema } from "./fields.ts";

export const languageSchema = z
  .string()
  .regex(/^[a-zA-Z]{2,3}(?:[_-][a-zA-Z0-9]{2,8})*$/, "must be a language such as es or pt_BR")
  .max(20);

export const templateBodySchema = text({ max: longestMessage }).describe(
  'Text with holes: `{{name}}`, `{{name|a default}}`, `{{name|capitalize|default:"friend"}}`; `{{"{{"}}` writes two ' +
    "braces. Filters: upper, lower, capitalize, trim, first_word, truncate:N, number:DECIMALS,LOCALE, " +
    "currency:CODE,LOCALE, date:STYLE,LOCALE, default:TEXT.",
);

export const templateSchema = z
  .object({
    id: z.uuid(),
    name: z.string(),
    language: z.string(),
    body: z.string(),
    variables: z.array(
      z.object({
        name: z.string(),
        default: z.string().nullable().describe("Null: every recipient needs a value."),
      }),
    ),
    provider: providerTemplateSchema
      .nullable()
      .describe(
        "The template that WhatsApp has approved: devices of the Cloud API send it instead of the text.",
      ),
    created_at: timeSchema,
    updated_at: timeSchema,
  })
  .meta({ id: "Template" });
export type Template = z.infer<typeof templateSchema>;

export const templateCreateSchema = z
  .strictObject({
    name: nameSchema,
    language: languageSchema.default("es"),
    body: templateBodySchema,
    provider: providerTemplateSchema.nullable().optional(),
  })
  .meta({ id: "TemplateCreate" });
export type TemplateCreate = z.infer<typeof templateCreateSchema>;

export const templatePatchSchema = z
  .strictObject({
    name: nameSchema.optional(),
    language: languageSchema.optional(),
    body: templateBodySchema.optional(),
    provider: providerTemplateSchema.nullable().optional(),
  })
  .meta({ id: "TemplatePatch" });
export type TemplatePatch = z.infer<typeof templatePatchSchema>;

/** Values by the name of the variable; numbers and yes/no are written as they are in JSON. */
export const variablesSchema = z
  .record(
    text({ min: 0, max: 200 }),
    z.union([text({ min: 0, max: 4_096 }), z.number(), z.boolean(), z.null()], {
      error: "must be text, a number, true, false or null",
    }),
  )
  .refine((values) => Object.keys(values).length <= 200, "has more than 200 variables");

export const templatePreviewRequestSchema = z
  .strictObject({ variables: variablesSchema.default({}) })
  .meta({ id: "TemplatePreviewRequest" });
export type TemplatePreviewRequest = z.infer<typeof templatePreviewRequestSchema>;

export const templatePreviewSchema = z
  .object({
    text: z.string().nullable().describe("Null when variables are missing."),
    missing: z.array(z.string()).describe("Names of variables that have neither value nor default."),
  })
  .meta({ id: "TemplatePreview" });
export type TemplatePreview = z.infer<typeof templatePreviewSchema>;

export const templateTestSendSchema = z
  .strictObject({
    device_id: deviceIdSchema,
    to: z.union([text({ max: 60 }), z.int()], { error: "must be a phone number" }),
    variables: variablesSchema.default({}),
  })
  .meta({ id: "TemplateTestSend" });
export type TemplateTestSend = z.input<typeof templateTestSendSchema>;
