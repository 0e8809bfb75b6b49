import { z } from "zod";
import { rejectedRowSchema } from "./campaigns.ts";
import { maskablePhoneSchema, text, timeSchema } from "./fields.ts";

export const suppressionSchema = z
  .object({ phone: maskablePhoneSchema, reason: z.string(), created_at: timeSchema })
  .meta({ id: "Suppression", description: "A number that must not be written to." });
export type Suppression = z.infer<typeof suppressionSchema>;

export const suppressionCreateSchema = z
  .strictObject({ phone: text({ max: 60 }), reason: text({ max: 200 }).default("added by hand") })
  .meta({ id: "SuppressionCreate" });
export type SuppressionCreate = z.input<typeof suppressionCreateSchema>;

const importReason = text({ max: 200 }).default("imported");

export const suppressionImportSchema = z
  .strictObject({
    phones: z.array(z.union([text({ min: 0, max: 60 }), z.int()])).min(1),
    reason: importReason,
  })
  .meta({ id: "SuppressionImport" });
export type SuppressionImport = z.input<typeof suppressionImportSchema>;

/** The text parts of the form; the CSV comes as the part `file`. */
export const suppressionImportFormSchema = z
  .strictObject({
    reason: importReason,
    column: text({ max: 200 })
      .optional()
      .describe("The column with the numbers, when its name does not say so."),
  })
  .meta({ id: "SuppressionImportForm" });

export const suppressionImportedSchema = z
  .object({
    added: z.int(),
    known: z.int().describe("Were on the list before, or twice in the request."),
    rejected: z.int(),
    rejected_rows: z.array(rejectedRowSchema).describe("The first 1,000."),
  })
  .meta({ id: "SuppressionImported" });
export type SuppressionImported = z.infer<typeof suppressionImportedSchema>;
