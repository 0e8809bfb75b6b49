import { z } from "zod";

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
  })
  .meta({ id: "TenantSettings", description: "What holds for all jobs of a tenant." });
export type TenantSettings = z.infer<typeof tenantSettingsSchema>;

export const tenantSettingsPatchSchema = z
  .strictObject({ max_running_jobs: z.int().min(1).max(1_000_000).nullable().optional() })
  .meta({ id: "TenantSettingsPatch" });
export type TenantSettingsPatch = z.input<typeof tenantSettingsPatchSchema>;
