import { z } from "zod";
import { failRuleFields, gatewayFaultFields } from "../gateway/fault-settings.ts";

const failRule = z.strictObject({ ...failRuleFields, code: z.number().int().min(0) });

/** WhatsApp's own figures: one message per 6 s to the same recipient, after a burst of 45. */
const pairLimit = z.strictObject({
  every_ms: z.number().min(1).default(6_000),
  burst: z.number().int().min(1).default(45),
});

export const cloudFaultSettingsSchema = z.strictObject({
  ...gatewayFaultFields,
  fail: z.array(failRule).default([]),
  /** How a number without WhatsApp is told: as the real one does by a failed status, or in the answer. */
  unregistered: z.enum(["status", "answer"]).default("status"),
  /** null none; `{}` WhatsApp's own. */
  pair_limit: pairLimit.nullable().default(null),
  /** Only templates reach who has not written for so long (WhatsApp: 24 h); null lets everything through. */
  service_window_ms: z.number().min(1).nullable().default(null),
});

export type CloudFaultSettings = z.output<typeof cloudFaultSettingsSchema>;
