import { z } from "zod";
import { timeSchema } from "./fields.ts";

export const auditEntrySchema = z
  .object({
    id: z.string(),
    at: timeSchema,
    actor: z.string().describe("`key:<name>`, `jwt:<subject>`, `local` or a part of the system."),
    action: z.string().describe("What was done, as `campaign.create`."),
    subject: z.string().describe("What to, as `campaign:0190…`."),
    detail: z.record(z.string(), z.unknown()),
  })
  .meta({ id: "AuditEntry" });
export type AuditEntry = z.infer<typeof auditEntrySchema>;

export const auditQueryFilters = {
  actor: z.string().min(1).max(200).optional().describe("Exactly."),
  action: z.string().min(1).max(100).optional().describe("Exactly, or the part before the dot."),
  subject: z.string().min(1).max(200).optional().describe("Exactly."),
  from: timeSchema.optional(),
  to: timeSchema.optional().describe("Exclusive."),
};
