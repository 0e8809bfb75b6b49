import { z } from "zod";
import { timeSchema } from "./fields.ts";
import { interfaceLanguageSchema } from "./settings.ts";

export const exportSchema = z
  .object({
    id: z.uuid(),
    job_id: z.uuid(),
    job_type: z.enum(["batch_scraping", "send_messages"]),
    language: interfaceLanguageSchema,
    status: z.enum(["pending", "running", "completed", "failed"]),
    bytes: z.int().nullable(),
    error: z.string().nullable(),
    created_by: z.string(),
    created_at: timeSchema,
    completed_at: timeSchema.nullable(),
  })
  .meta({ id: "Export", description: "A report of a job as PDF, printed by a worker and kept for a week." });
export type Export = z.infer<typeof exportSchema>;

export const exportCreateSchema = z
  .strictObject({
    job_id: z.uuid(),
    language: interfaceLanguageSchema.optional().describe("The tenant's own when left out."),
  })
  .meta({ id: "ExportCreate" });
export type ExportCreate = z.input<typeof exportCreateSchema>;
