import { z } from "zod";

const clock = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, "must be a time of day such as 09:00");

/** How fast and when a device may send; stored in `devices.pacing` as it is here. All limits hold that are given. */
export const pacingSchema = z
  .strictObject({
    messages_per_second: z.number().positive().max(1_000).optional(),
    messages_per_minute: z.number().positive().max(60_000).optional(),
    burst: z.int().min(1).max(10_000).optional().describe("How many may go at once after a rest; default 1."),
    gap_ms: z
      .strictObject({ min: z.int().min(0).max(86_400_000), max: z.int().min(0).max(86_400_000) })
      .refine(({ min, max }) => min <= max, "min must not be larger than max")
      .optional()
      .describe("Pause between two messages: a random time between the two, ms."),
    daily_cap: z
      .int()
      .min(1)
      .max(10_000_000)
      .optional()
      .describe("The most messages in one day of its zone."),
    warm_up: z
      .strictObject({ first_day: z.int().min(1).max(1_000_000), factor: z.number().min(1).max(10) })
      .optional()
      .describe("Cap of the first day after linking, and by what it grows each day; no cap above daily_cap."),
    quiet_hours: z
      .strictObject({ from: clock, to: clock, of: z.enum(["device", "recipient"]).default("device") })
      .optional()
      .describe(
        "No campaign message between the two, by the clock of the device or of the recipient's country.",
      ),
    time_zone: z
      .string()
      .refine(isTimeZone, "must be an IANA time zone such as America/Lima")
      .optional()
      .describe("The device's zone; default UTC."),
  })
  .meta({ id: "Pacing" });
export type Pacing = z.infer<typeof pacingSchema>;

export function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}
