import { z } from "zod";
import { notifySchema } from "./notifications.ts";

export const interfaceLanguageSchema = z.enum(["es", "en"]).describe("Of notifications and reports.");
export type InterfaceLanguage = z.infer<typeof interfaceLanguageSchema>;

export const tenantSettingsSchema = z
  .object({
    max_running_jobs: z
      .int()
      .nullable()
      .describe("The tenant's own limit of jobs that run at once; null: as the platform has it."),
    max_running_jobs_allowed: z
      .int()
      .nullable()
      .describe("The platform's limit for a tenant; null: any number."),
    language: interfaceLanguageSchema,
    notify: notifySchema.describe(
      "Who is told of every job but single sends, beside what a job itself wants.",
    ),
  })
  .meta({ id: "TenantSettings", description: "What holds for all jobs of a tenant." });
export type TenantSettings = z.output<typeof tenantSettingsSchema>;

export const tenantSettingsPatchSchema = z
  .strictObject({
    max_running_jobs: z.int().min(1).max(1_000_000).nullable().optional(),
    language: interfaceLanguageSchema.optional(),
    notify: notifySchema.optional(),
  })
  .meta({ id: "TenantSettingsPatch" });
export type TenantSettingsPatch = z.input<typeof tenantSettingsPatchSchema>;
