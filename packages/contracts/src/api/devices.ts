import { z } from "zod";
import { connectionStateSchema } from "../states.ts";
import { pacingSchema } from "../pacing.ts";
import { deviceIdSchema, nameSchema, text, timeSchema } from "./fields.ts";

export const deviceKindSchema = z
  .enum(["whatsapp_web", "whatsapp_cloud", "wablas"])
  .meta({ id: "DeviceKind" });
export type DeviceKind = z.infer<typeof deviceKindSchema>;

export const deviceSchema = z
  .object({
    id: deviceIdSchema,
    name: z.string(),
    kind: deviceKindSchema,
    phone: z.string().nullable().describe("Its own number, E.164 digits without +, once known."),
    state: connectionStateSchema,
    state_reason: z.string().nullable(),
    state_changed_at: timeSchema,
    linked: z.boolean().describe("Signed in; comes back by itself after a restart."),
    linked_at: timeSchema.nullable(),
    wanted: z.boolean().describe("A worker is to hold it: linked, or being linked."),
    url: z.string().nullable().describe("Its own WhatsApp Web address; the worker's default when null."),
    pacing: pacingSchema,
    today: z
      .object({
        claimed: z.int().describe("Messages that it took on so far."),
        cap: z.int().nullable().describe("The most that its pace allows; null: any number."),
      })
      .describe("The present day of its own calendar, see `pacing.time_zone`."),
    next_send_at: timeSchema.nullable().describe("Its pace lets nothing go before then."),
    aside_until: timeSchema.nullable().describe("Put aside after failures; others take its work until then."),
    aside_reason: z.string().nullable(),
    worker: z.object({ id: z.uuid(), name: z.string() }).nullable().describe("Holds it now."),
    created_at: timeSchema,
    updated_at: timeSchema,
  })
  .meta({ id: "Device", description: "One sending number." });
export type Device = z.infer<typeof deviceSchema>;

const deviceUrlSchema = z
  .url({ protocol: /^https?$/, error: "must be an http or https address" })
  .max(500)
  .nullable()
  .describe("Only for stand-ins of WhatsApp Web; leave it out for the real one.");

export const deviceCreateSchema = z
  .strictObject({
    name: nameSchema,
    kind: deviceKindSchema.default("whatsapp_web"),
    url: deviceUrlSchema.optional(),
    pacing: pacingSchema.optional(),
  })
  .meta({ id: "DeviceCreate" });
export type DeviceCreate = z.infer<typeof deviceCreateSchema>;

export const devicePatchSchema = z
  .strictObject({
    name: nameSchema.optional(),
    url: deviceUrlSchema.optional(),
    pacing: pacingSchema.optional(),
  })
  .meta({ id: "DevicePatch" });
export type DevicePatch = z.infer<typeof devicePatchSchema>;

export const deviceLinkSchema = z
  .discriminatedUnion("method", [
    z.strictObject({ method: z.literal("qr") }),
    z.strictObject({
      method: z.literal("code"),
      phone: text({ max: 40 }).describe("The number that is linked, with its country code."),
    }),
  ])
  .meta({ id: "DeviceLink" });
export type DeviceLink = z.infer<typeof deviceLinkSchema>;

export const deviceLinkAnswerSchema = z
  .object({
    method: z.enum(["qr", "code"]),
    code: z.string().nullable().describe("The pairing code to type on the phone; null for QR, see `/qr`."),
    device: deviceSchema,
  })
  .meta({ id: "DeviceLinkAnswer" });
export type DeviceLinkAnswer = z.infer<typeof deviceLinkAnswerSchema>;

export const deviceQrSchema = z
  .object({
    code: z.string().describe("What the QR says."),
    svg: z.string().describe("An SVG image of it."),
    data_url: z.string().describe("The same image as a data URL, for an <img>."),
    shown_at: timeSchema,
    expires_at: timeSchema.describe("WhatsApp shows a new one about then."),
  })
  .meta({ id: "DeviceQr" });
export type DeviceQr = z.infer<typeof deviceQrSchema>;

export const devicePoolSchema = z
  .object({ id: z.int(), name: z.string(), device_ids: z.array(deviceIdSchema), created_at: timeSchema })
  .meta({ id: "DevicePool", description: "A named set of devices." });
export type DevicePool = z.infer<typeof devicePoolSchema>;

export const devicePoolWriteSchema = z
  .strictObject({ name: nameSchema, device_ids: z.array(deviceIdSchema).max(1_000) })
  .meta({ id: "DevicePoolWrite" });
export type DevicePoolWrite = z.infer<typeof devicePoolWriteSchema>;
