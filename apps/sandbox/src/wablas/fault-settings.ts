import { z } from "zod";
import { failRuleFields, gatewayFaultFields } from "../gateway/fault-settings.ts";

/** Wablas has no codes of its own: `code` is the HTTP status, and `http_status` another word for it. */
const failRule = z.strictObject({
  ...failRuleFields,
  code: z.number().int().min(200).max(599).optional(),
});

export const wablasFaultSettingsSchema = z.strictObject({
  ...gatewayFaultFields,
  fail: z.array(failRule).default([]),
  /** HTTP status of the answers whose `status` is false. */
  failure_http_status: z.number().int().min(200).max(599).default(200),
  /** Whether tracking posts carry the caller's `ref_id`. */
  tracking_ref_id: z.boolean().default(true),
  /** Phones in the answers are JSON numbers, as some of Wablas's servers write them. */
  numeric_phones: z.boolean().default(false),
});

export type WablasFaultSettings = z.output<typeof wablasFaultSettingsSchema>;
