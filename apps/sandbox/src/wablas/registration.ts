import { z } from "zod";
import { isWellFormed } from "../network/numbers.ts";

const webhookUrl = z.url({ protocol: /^https?$/ });

/** One device of a Wablas account. */
export const registrationSchema = z.strictObject({
  secret_key: z.string().min(1),
  phone: z.string().refine(isWellFormed, "must be 8 to 15 digits, without the plus"),
  /** Hears of incoming messages, and of what becomes of those sent unless there is a `tracking_url`; null neither. */
  webhook_url: webhookUrl.nullable().default(null),
  tracking_url: webhookUrl.nullable().default(null),
  /** Messages that may still be sent. */
  quota: z.number().int().min(0).default(1_000_000),
  status: z.enum(["connected", "disconnected"]).default("connected"),
  name: z.string().default("Sandbox"),
  expired_date: z.iso.date().default("2099-12-31"),
  throughput_per_s: z.number().int().min(1).max(10_000).nullable().default(null),
});

export type Registration = z.output<typeof registrationSchema>;
