import { z } from "zod";
import { nameSchema, timeSchema } from "./fields.ts";

export const roleSchema = z.enum(["viewer", "operator", "admin"]).meta({ id: "Role" });
export type Role = z.infer<typeof roleSchema>;

export const apiKeySchema = z
  .object({
    id: z.uuid(),
    name: z.string(),
    prefix: z.string().describe("First characters of the key, to tell keys apart."),
    role: roleSchema,
    expires_at: timeSchema.nullable(),
    revoked_at: timeSchema.nullable(),
    last_used_at: timeSchema.nullable().describe("To the minute."),
    created_at: timeSchema,
  })
  .meta({ id: "ApiKey" });
export type ApiKey = z.infer<typeof apiKeySchema>;

export const apiKeyCreateSchema = z
  .strictObject({
    name: nameSchema,
    role: roleSchema,
    expires_at: timeSchema.optional().describe("Never when left out."),
  })
  .meta({ id: "ApiKeyCreate" });
export type ApiKeyCreate = z.infer<typeof apiKeyCreateSchema>;

export const apiKeyCreatedSchema = apiKeySchema
  .extend({ key: z.string().describe("Shown this once: only its hash is stored.") })
  .meta({ id: "ApiKeyCreated" });
export type ApiKeyCreated = z.infer<typeof apiKeyCreatedSchema>;
