import { z } from "zod";

/**
 * What a device of each kind needs to speak to its provider. Stored encrypted (packages/db/src/credentials), taken in by
 * the API, never given out by it.
 */

/** Goes into an HTTP header as it is: visible ASCII, so that a pasted line break or quotation mark is found out here. */
const secretSchema = z
  .string()
  .trim()
  .min(1)
  .max(1_000)
  .regex(/^[\x21-\x7e]+$/, "must be visible ASCII characters without spaces");

const metaIdSchema = z
  .string()
  .trim()
  .regex(/^\d{1,32}$/, "must be digits: the id that Meta shows, not the phone number");

export const whatsappCloudCredentialsSchema = z
  .strictObject({
    phone_number_id: metaIdSchema.describe("Id of the number at Meta, not the number itself."),
    access_token: secretSchema.describe("Of a system user with whatsapp_business_messaging."),
    app_secret: secretSchema.describe("Signs the webhooks that Meta sends."),
    verify_token: secretSchema.describe("Our own choice: Meta repeats it when the webhook is set up."),
    business_account_id: metaIdSchema.optional(),
  })
  .meta({ id: "WhatsAppCloudCredentials" });
export type WhatsAppCloudCredentials = z.infer<typeof whatsappCloudCredentialsSchema>;

export const wablasCredentialsSchema = z
  .strictObject({
    host: z
      .url({ protocol: /^https?$/, error: "must be an http or https address" })
      .max(500)
      .describe("The server that Wablas gave to the account, such as https://texas.wablas.com."),
    token: secretSchema,
    secret_key: secretSchema,
    webhook_secret: secretSchema.describe(
      "Our own choice: part of the webhook's address, which nobody signs.",
    ),
  })
  .meta({ id: "WablasCredentials" });
export type WablasCredentials = z.infer<typeof wablasCredentialsSchema>;

/** Credentials with the kind of device that they are for. */
export const deviceCredentialsSchema = z.discriminatedUnion("kind", [
  whatsappCloudCredentialsSchema.extend({ kind: z.literal("whatsapp_cloud") }),
  wablasCredentialsSchema.extend({ kind: z.literal("wablas") }),
]);
export type DeviceCredentials = z.infer<typeof deviceCredentialsSchema>;
