import { z } from "zod";
import { roleSchema } from "./api-keys.ts";

export const meSchema = z
  .object({
    actor: z.string().describe("How the audit log calls the caller."),
    role: roleSchema,
    tenant: z.object({ slug: z.string(), name: z.string() }),
    auth: z.enum(["open", "required"]).describe("Open: callers of the server's own machine need no key."),
    version: z.string().describe("Of the server."),
    default_country: z.string().nullable().describe("Of numbers that have no country code."),
    limits: z.object({ max_messages: z.int(), max_file_bytes: z.int() }).describe("Of one campaign."),
  })
  .meta({ id: "Me", description: "Who the caller is and what the server lets them do." });
export type Me = z.infer<typeof meSchema>;
