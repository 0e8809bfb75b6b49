import { z } from "zod";
import { deviceIdSchema, queryIdSchema } from "./fields.ts";

/**
 * Figures of messages. A message counts on the day on which it was sent, whenever it is delivered, read or answered, so
 * that rates are shares, 0 to 1; a failed one on the day on which it failed. Days are those of the tenant's time zone.
 */
const counts = {
  sent: z.int().describe("Includes delivered and read."),
  delivered: z.int().describe("Includes read."),
  read: z.int(),
  failed: z.int(),
  received: z.int(),
  delivery_rate: z.number(),
  read_rate: z.number(),
  reply_rate: z
    .number()
    .describe("Of the messages sent, the share that was the last one before its recipient wrote back."),
};

/** Today's figures of a tenant. */
export const tenantStatsSchema = z
  .object({ day: z.iso.date(), ...counts, open_conversations: z.int() })
  .meta({ id: "TenantStats" });
export type TenantStats = z.infer<typeof tenantStatsSchema>;

export const dayStatsSchema = z.object({ day: z.iso.date(), ...counts }).meta({ id: "DayStats" });
export type DayStats = z.infer<typeof dayStatsSchema>;

export const deviceStatsSchema = z
  .object({ device_id: deviceIdSchema, name: z.string(), ...counts })
  .meta({ id: "DeviceStats" });
export type DeviceStats = z.infer<typeof deviceStatsSchema>;

export const campaignStatsSchema = z.object({ campaign_id: z.uuid(), name: z.string(), ...counts }).meta({
  id: "CampaignStats",
  description: "What its jobs sent; `received` are the messages that answered one of them.",
});
export type CampaignStats = z.infer<typeof campaignStatsSchema>;

const longestRangeDays = 366;
const dayMs = 86_400_000;

/** Both days included; at most a year. */
export const statsRange = z
  .object({
    from: z.iso.date().optional().describe("First day; default 29 days before `to`."),
    to: z.iso.date().optional().describe("Last day; default today."),
    device_id: queryIdSchema.optional(),
  })
  .refine(
    ({ from, to }) =>
      from === undefined ||
      to === undefined ||
      (from <= to && Date.parse(to) - Date.parse(from) < longestRangeDays * dayMs),
    `from must not be after to, and at most ${longestRangeDays} days before it`,
  );
