import { z } from "zod";
import { isTimeZone } from "../pacing.ts";
import { deviceIdSchema, messageTextSchema, nameSchema, text, timeSchema } from "./fields.ts";

/** Whether messages to a device are answered by rules. */
export const botStatusSchema = z
  .object({ device_id: deviceIdSchema, enabled: z.boolean(), updated_at: timeSchema })
  .meta({ id: "BotStatus" });
export type BotStatus = z.infer<typeof botStatusSchema>;

export const botStatusPutSchema = z.strictObject({ enabled: z.boolean() }).meta({ id: "BotStatusPut" });

const clock = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, "must be a time of day such as 09:00");

/** When people are there. ISO days of the week, Monday is 1. `to` before `from` goes past midnight. */
const openHoursSchema = z.strictObject({
  days: z.array(z.int().min(1).max(7)).min(1).max(7),
  from: clock,
  to: clock,
});
export type OpenHours = z.infer<typeof openHoursSchema>;

/** What holds for all conversations of a tenant. */
export const chatSettingsSchema = z
  .object({
    time_zone: z
      .string()
      .refine(isTimeZone, "must be an IANA time zone such as America/Lima")
      .describe("Of business hours, and of the days of statistics."),
    business_hours: z.array(openHoursSchema).max(50).describe("None: people are always there."),
    opt_out_words: z
      .array(text({ max: 64 }))
      .max(200)
      .describe(
        "Who writes one of them and nothing else gets no more messages. Case, accents and marks do not count.",
      ),
    opt_out_reply: messageTextSchema.nullable().describe("Sent once to who opts out; null: nothing."),
    hand_over_minutes: z
      .int()
      .min(1)
      .max(43_200)
      .describe("How long the bot keeps quiet after a person's message; each message begins it anew."),
    bot_replies_per_hour: z
      .int()
      .min(1)
      .max(1_000)
      .describe("The most that the bot writes to one contact in an hour, all rules together."),
  })
  .meta({ id: "ChatSettings" });
export type ChatSettings = z.infer<typeof chatSettingsSchema>;

export const chatSettingsPatchSchema = chatSettingsSchema
  .partial()
  .strict()
  .meta({ id: "ChatSettingsPatch" });
export type ChatSettingsPatch = z.infer<typeof chatSettingsPatchSchema>;

const ruleFields = {
  name: nameSchema,
  kind: z
    .enum(["keyword", "away", "welcome"])
    .describe(
      "`keyword`: by what is written. `away`: to anything, outside of business hours. `welcome`: to the first message of a conversation.",
    ),
  keywords: z.array(text({ max: 64 })).max(100),
  match: z
    .enum(["exact", "starts_with", "contains"])
    .describe("How a text must hold a keyword, word by word. Case, accents and marks do not count."),
  reply: messageTextSchema.describe("`{{name}}` is the contact's name, if known."),
  device_ids: z.array(deviceIdSchema).max(1_000).nullable().describe("Null: every device whose bot is on."),
  enabled: z.boolean(),
  position: z.int().min(0).max(1_000_000).describe("The first rule that fits answers, and no other."),
  cooldown_minutes: z
    .int()
    .min(0)
    .max(43_200)
    .describe("How long the rule does not answer the same conversation again."),
} as const;

export const botRuleSchema = z
  .object({ id: z.uuid(), ...ruleFields, created_at: timeSchema, updated_at: timeSchema })
  .meta({ id: "BotRule" });
export type BotRule = z.infer<typeof botRuleSchema>;

const needsKeywords = (rule: {
  kind?: string | undefined;
  keywords?: readonly string[] | undefined;
}): boolean => rule.kind !== "keyword" || (rule.keywords?.length ?? 0) > 0;

export const botRuleCreateSchema = z
  .strictObject({
    ...ruleFields,
    keywords: ruleFields.keywords.default([]),
    match: ruleFields.match.default("contains"),
    device_ids: ruleFields.device_ids.default(null),
    enabled: ruleFields.enabled.default(true),
    position: ruleFields.position.default(100),
    cooldown_minutes: ruleFields.cooldown_minutes
      .optional()
      .describe("Default 0; of `away` and `welcome` 240."),
  })
  .refine(needsKeywords, { path: ["keywords"], message: "a keyword rule needs at least one" })
  .meta({ id: "BotRuleCreate" });
export type BotRuleCreate = z.input<typeof botRuleCreateSchema>;

export const botRulePatchSchema = z
  .strictObject({
    name: ruleFields.name.optional(),
    keywords: ruleFields.keywords.optional(),
    match: ruleFields.match.optional(),
    reply: ruleFields.reply.optional(),
    device_ids: ruleFields.device_ids.optional(),
    enabled: ruleFields.enabled.optional(),
    position: ruleFields.position.optional(),
    cooldown_minutes: ruleFields.cooldown_minutes.optional(),
  })
  .meta({ id: "BotRulePatch" });
export type BotRulePatch = z.infer<typeof botRulePatchSchema>;
