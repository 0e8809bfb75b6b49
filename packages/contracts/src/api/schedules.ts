import { z } from "zod";
import { givenTimeSchema, nameSchema, timeSchema } from "./fields.ts";

export const scheduleTargetSchema = z
  .discriminatedUnion("kind", [
    z.strictObject({
      kind: z.literal("campaign"),
      campaign_id: z.uuid().describe("Each run is a new job for the first audience of this campaign."),
    }),
    z.strictObject({
      kind: z.literal("batch_scraping"),
      job_id: z.uuid().describe("Each run is a new job with the domains and the settings of this one."),
    }),
  ])
  .meta({ id: "ScheduleTarget" });
export type ScheduleTarget = z.infer<typeof scheduleTargetSchema>;

const timeZoneSchema = z.string().min(1).max(64).describe("IANA name, such as `America/Bogota`.");
const cronSchema = z
  .string()
  .trim()
  .min(1)
  .max(200)
  .describe("Five fields: minute, hour, day of month, month, day of week.");

const onceSchema = z.strictObject({ kind: z.literal("once"), run_at: givenTimeSchema });
const repeatedSchema = z.strictObject({
  kind: z.literal("cron"),
  expression: cronSchema,
  time_zone: timeZoneSchema.default("UTC"),
});

export const timingSchema = z
  .discriminatedUnion("kind", [onceSchema, repeatedSchema])
  .meta({ id: "ScheduleTiming" })
  .describe(
    "Once, or whenever a cron expression fits the clock of a zone; changes of that clock are minded.",
  );
export type ScheduleTiming = z.infer<typeof timingSchema>;

export const missedPolicySchema = z
  .enum(["skip", "catch_up"])
  .describe("What becomes of runs that were due while no worker was there: none, or one for all of them.");
export const overlapPolicySchema = z
  .enum(["allow", "skip"])
  .describe("What happens when the job of the run before has not ended.");

export const scheduleRunSchema = z
  .object({
    id: z.uuid(),
    planned_at: timeSchema,
    at: timeSchema,
    status: z.enum(["started", "skipped", "failed"]),
    missed: z.int().describe("Earlier runs that this one stands for as well."),
    job_id: z.uuid().nullable(),
    reason: z.string().nullable().describe("Why it was skipped or failed."),
    actor: z.string().nullable().describe("Who asked for it; null when its time had come."),
  })
  .meta({ id: "ScheduleRun" });
export type ScheduleRun = z.infer<typeof scheduleRunSchema>;

export const scheduleSchema = z
  .object({
    id: z.uuid(),
    name: z.string(),
    target: scheduleTargetSchema,
    timing: timingSchema,
    missed: missedPolicySchema,
    overlap: overlapPolicySchema,
    enabled: z.boolean(),
    next_run_at: timeSchema.nullable().describe("Null when nothing is to come."),
    next_runs: z.array(timeSchema).describe("The next five."),
    last_run: scheduleRunSchema.nullable(),
    created_by: z.string(),
    created_at: timeSchema,
    updated_at: timeSchema,
  })
  .meta({ id: "Schedule", description: "Runs of a campaign or of a batch job that are planned ahead." });
export type Schedule = z.infer<typeof scheduleSchema>;

export const scheduleCreateSchema = z
  .strictObject({
    name: nameSchema,
    target: scheduleTargetSchema,
    timing: timingSchema,
    missed: missedPolicySchema.default("catch_up"),
    overlap: overlapPolicySchema.default("allow"),
    enabled: z.boolean().default(true),
  })
  .meta({ id: "ScheduleCreate" });
export type ScheduleCreate = z.input<typeof scheduleCreateSchema>;

export const schedulePatchSchema = z
  .strictObject({
    name: nameSchema.optional(),
    timing: timingSchema.optional(),
    missed: missedPolicySchema.optional(),
    overlap: overlapPolicySchema.optional(),
    enabled: z.boolean().optional(),
  })
  .meta({ id: "SchedulePatch" });
export type SchedulePatch = z.input<typeof schedulePatchSchema>;

export const schedulePreviewRequestSchema = z
  .strictObject({
    expression: cronSchema,
    time_zone: timeZoneSchema.default("UTC"),
    count: z.int().min(1).max(50).default(5),
  })
  .meta({ id: "SchedulePreviewRequest" });
export type SchedulePreviewRequest = z.input<typeof schedulePreviewRequestSchema>;

export const schedulePreviewSchema = z
  .object({ runs: z.array(timeSchema) })
  .meta({ id: "SchedulePreview", description: "When a cron expression would run next." });
export type SchedulePreview = z.infer<typeof schedulePreviewSchema>;
