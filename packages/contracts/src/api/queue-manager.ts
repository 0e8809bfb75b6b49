import { z } from "zod";
import { nameSchema } from "./fields.ts";
import { languageSchema } from "./templates.ts";

/** The contract of the campaign queue manager: its field names are Spanish and never change. */

export const queueCampaignFormSchema = z
  .strictObject({
    titulo_campana: nameSchema.describe("Its slug is the id of the campaign."),
    plantilla: z.string().min(1).max(120).describe("A template by name."),
    buzon: z.string().trim().min(1).max(120).describe("A device by name or id, or a device pool by name."),
    idioma: languageSchema.default("es").describe("Language of the template."),
  })
  .meta({ id: "QueueCampaignForm" });
export type QueueCampaignForm = z.input<typeof queueCampaignFormSchema>;

export const queueCampaignCreatedSchema = z
  .object({
    success: z.literal(true),
    campaign_id: z.string(),
    total_messages: z.int(),
    message: z.string(),
  })
  .meta({ id: "QueueCampaignCreated" });
export type QueueCampaignCreated = z.infer<typeof queueCampaignCreatedSchema>;

const counts = {
  total: z.int(),
  pending: z.int().describe("May still be sent."),
  sent: z.int().describe("Includes delivered and read."),
  failed: z.int(),
};

export const queueStatusSchema = z
  .object({
    campaign_id: z.string(),
    ...counts,
    progress: z.number().describe("Percentage of messages that will not be tried again, one decimal."),
  })
  .meta({ id: "QueueStatus" });
export type QueueStatus = z.infer<typeof queueStatusSchema>;

export const queueStateSchema = z.enum([
  "programada",
  "pendiente",
  "en_curso",
  "completada",
  "fallida",
  "pausada",
  "cancelada",
]);

export const queueChangeSchema = queueStatusSchema
  .extend({ estado: queueStateSchema })
  .meta({ id: "QueueChange" });
export type QueueChange = z.infer<typeof queueChangeSchema>;

export const queueListSchema = z
  .object({
    campaigns: z.array(z.object({ id: z.string(), ...counts })),
    total_campaigns: z.int(),
  })
  .meta({ id: "QueueList", description: "Campaigns that have not ended." });
export type QueueList = z.infer<typeof queueListSchema>;

export const queueSystemSchema = z
  .object({
    instance_id: z.string(),
    uptime_seconds: z.int(),
    worker_running: z.boolean(),
    redis_connected: z.boolean(),
    batch_size: z.int(),
    max_concurrent: z.int().describe("The most messages of a campaign under way at once."),
  })
  .meta({ id: "QueueSystem" });
export type QueueSystem = z.infer<typeof queueSystemSchema>;
