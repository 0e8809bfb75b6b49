import { z } from "zod";
import { text, timeSchema } from "./fields.ts";

/** What people write beside a job, of either type. */
export const jobCommentSchema = z
  .object({
    id: z.int(),
    job_id: z.uuid(),
    author: z.string(),
    content: z.string(),
    created_at: timeSchema,
  })
  .meta({ id: "JobComment" });
export type JobComment = z.infer<typeof jobCommentSchema>;

export const createJobCommentSchema = z
  .object({ job_id: z.uuid(), author: text({ max: 120 }), content: text({ max: 5_000 }) })
  .meta({ id: "CreateJobComment" });
export type CreateJobComment = z.infer<typeof createJobCommentSchema>;
