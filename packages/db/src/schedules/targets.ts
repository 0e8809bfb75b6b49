import { writeAudit } from "../api/audit.ts";
import type { Queryable, Transaction } from "../api/transaction.ts";
import { uuidv7 } from "../api/uuid.ts";
import { copyJobNotify } from "../notifications/job-notify.ts";
import type { ScheduleRow } from "./schedules.ts";

/** A run that cannot be, in words for its line of history. */
class RunRefused extends Error {
  override readonly name = "RunRefused";
}

/** Makes the job of a run. @returns its id. @throws RunRefused */
export async function startTarget(tx: Transaction, schedule: ScheduleRow, actor: string): Promise<string> {
  const jobId = uuidv7();
  let source = schedule.source_job_id;
  if (schedule.target === "campaign") {
    source = await firstJobOf(tx, schedule.campaign_id);
    if (source === null) throw new RunRefused("the campaign has no audience any more");
    await tx.query("SELECT clone_job($1, $2, $3)", [source, jobId, actor]);
  } else {
    await tx.query("SELECT clone_scraping_job($1, $2, $3)", [source, jobId, actor]);
  }
  await copyJobNotify(tx, source ?? "", jobId);
  await writeAudit(
    tx,
    { tenantId: schedule.tenant_id, actor },
    { action: "schedule.run", subject: `schedule:${schedule.id}`, detail: { job_id: jobId } },
  );
  return jobId;
}

/** The job whose messages are the campaign's audience as it was given. */
async function firstJobOf(db: Queryable, campaignId: string | null): Promise<string | null> {
  const { rows } = await db.query<{ id: string }>(
    "SELECT id FROM send_messages_jobs WHERE campaign_id = $1 ORDER BY created_at, id LIMIT 1",
    [campaignId],
  );
  return rows[0]?.id ?? null;
}

/** SQLSTATEs of our own, raised by `clone_job` and `clone_scraping_job` with a text for people. */
const refusals: ReadonlySet<unknown> = new Set(["PR002", "PR003"]);

/** Why a run cannot be, for people; null when it is for nobody but the log. */
export function refusalOf(error: unknown): string | null {
  if (error instanceof RunRefused) return error.message;
  if (error instanceof Error && "code" in error && refusals.has(error.code)) return error.message;
  return null;
}
