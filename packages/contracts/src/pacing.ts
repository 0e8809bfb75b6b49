import { z } from "zod";

/** How fast a device may send; stored in `devices.pacing` as it is here. Both limits hold when both are given. */
export const pacingSchema = z
  .strictObject({
    messages_per_minute: z.number().positive().max(60_000).optional(),
    gap_ms: z
      .strictObject({ min: z.int().min(0).max(86_400_000), max: z.int().min(0).max(86_400_000) })
      .refine(({ min, max }) => min <= max, "min must not be larger than max")
      .optional()
      .describe("Pause between two messages: a random time between the two, ms."),
  })
  .meta({ id: "Pacing" });
export type Pacing = z.infer<typeof pacingSchema>;
