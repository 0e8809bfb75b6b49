import { z } from "zod";
import { wablasCredentialsSchema, whatsappCloudCredentialsSchema } from "../credentials.ts";
import { deviceSchema } from "./devices.ts";

/** The secret in the address of a gateway's webhook is made by the server, so nobody has to think of one. */
export const deviceCredentialsWriteSchema = z
  .discriminatedUnion("kind", [
    whatsappCloudCredentialsSchema.extend({ kind: z.literal("whatsapp_cloud") }),
    wablasCredentialsSchema.omit({ webhook_secret: true }).extend({ kind: z.literal("wablas") }),
  ])
  .meta({ id: "DeviceCredentialsWrite" });
export type DeviceCredentialsWrite = z.infer<typeof deviceCredentialsWriteSchema>;

export const deviceTestSchema = z
  .object({
    ok: z.boolean(),
    detail: z.string().describe("What the provider said, for people; no secret is in it."),
    phone: z.string().optional().describe("The number of the device, E.164 digits without +."),
    quality: z.string().optional().describe("The provider's own rating of the number."),
  })
  .meta({ id: "DeviceTest" });
export type DeviceTest = z.infer<typeof deviceTestSchema>;

export const deviceCredentialsSavedSchema = z
  .object({
    device: deviceSchema,
    webhook_path: z
      .string()
      .describe("Where the provider's webhooks go; the address is the secret's only place."),
    test: deviceTestSchema.nullable().describe("Null when it was not asked for."),
  })
  .meta({ id: "DeviceCredentialsSaved" });
export type DeviceCredentialsSaved = z.infer<typeof deviceCredentialsSavedSchema>;

export const deviceCredentialsQuerySchema = z.object({
  test: z
    .enum(["true", "false"])
    .default("true")
    .transform((value) => value === "true")
    .describe("False: stored without asking the provider."),
});
