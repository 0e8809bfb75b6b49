import { z } from "zod";
import { maskablePhoneSchema, text, timeSchema } from "./fields.ts";

export const suppressionSchema = z
  .object({ phone: maskablePhoneSchema, reason: z.string(), created_at: timeSchema })
  .meta({ id: "Suppression", description: "A number that must not be written to." });
export type Suppression = z.infer<typeof suppressionSchema>;

export const suppressionCreateSchema = z
  .strictObject({ phone: text({ max: 60 }), reason: text({ max: 200 }).default("added by hand") })
  .meta({ id: "SuppressionCreate" });
export type SuppressionCreate = z.input<typeof suppressionCreateSchema>;
