import { z } from "zod";
import { maskablePhoneSchema, nameSchema, text, timeSchema } from "./fields.ts";

/** Somebody who writes to the tenant's devices, or is written to by people. */
export const contactSchema = z
  .object({
    id: z.uuid(),
    phone: maskablePhoneSchema,
    name: z.string().nullable().describe("As people here call them; else as they call themselves."),
    notes: z.string().nullable(),
    opted_out: z.boolean().describe("On the suppression list."),
    created_at: timeSchema,
    updated_at: timeSchema,
  })
  .meta({ id: "Contact" });
export type Contact = z.infer<typeof contactSchema>;

export const contactPatchSchema = z
  .strictObject({
    name: nameSchema.nullable().optional(),
    notes: text({ max: 4_000 }).nullable().optional(),
  })
  .meta({ id: "ContactPatch" });
export type ContactPatch = z.infer<typeof contactPatchSchema>;

export const contactsQueryFilters = {
  search: z.string().min(1).max(120).optional().describe("Part of the name, or the beginning of the number."),
};
