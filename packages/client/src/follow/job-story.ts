import type { BulkJob, JobFigures, JobFrame } from "@pregonero/contracts";

type StatusFrame = Exclude<
  JobFrame,
  { type: "progress" } | { type: "error" } | { type: "job_completed" } | { type: "job_failed" }
>;

/**
 * One story of a job out of several sources: live frames, the present state that comes again after a loss, and answers of
 * polling. What has been told already is left out, what was missed meanwhile is made up for by one `progress` frame.
 */
export class JobStory {
  readonly #jobId: string;
  #told: "nothing" | "created" | "running" | "paused" | "end" = "nothing";
  #counted = 0;

  constructor(jobId: string) {
    this.#jobId = jobId;
  }

  get ended(): boolean {
    return this.#told === "end";
  }

  /** @returns what is told now */
  live(frame: JobFrame): JobFrame[] {
    if (this.ended) return [];
    switch (frame.type) {
      case "progress":
      case "error":
        return this.#advances(frame.progress) ? [frame] : [];
      case "job_created":
        if (this.#told !== "nothing") return [];
        this.#told = "created";
        return [frame];
      case "job_started":
        return this.#started(frame);
      case "job_paused":
        if (this.#told === "paused") return [];
        this.#told = "paused";
        return [frame];
      case "job_resumed":
        if (this.#told !== "paused") return [];
        this.#told = frame.status === "pending" ? "created" : "running";
        return [frame];
      case "job_cancelled":
      case "job_completed":
      case "job_failed":
        this.#told = "end";
        return [frame];
    }
  }

  /** What an answer of `GET /jobs/{id}` adds. */
  polled(job: BulkJob): JobFrame[] {
    return this.#framesOf(job).flatMap((frame) => this.live(frame));
  }

  /** The beginning; or, when that was told, the present state after a loss. */
  #started(frame: StatusFrame): JobFrame[] {
    const { progress } = frame;
    if (this.#told === "nothing" || this.#told === "created") {
      this.#told = "running";
      this.#advances(progress);
      return [frame];
    }
    const missed: JobFrame[] = this.#advances(progress) ? [caughtUp(this.#jobId, progress)] : [];
    if (this.#told !== "paused" || frame.status === "paused") return missed;
    this.#told = "running";
    return [{ ...frame, type: "job_resumed", message: "Job resumed" }, ...missed];
  }

  #advances({ sent, failed }: JobFigures): boolean {
    if (sent + failed <= this.#counted) return false;
    this.#counted = sent + failed;
    return true;
  }

  /** The frames that somebody would get who subscribed now, and the figures. */
  #framesOf(job: BulkJob): JobFrame[] {
    const { status, progress } = job;
    const about = { job_id: this.#jobId, progress };
    const created: JobFrame = { type: "job_created", message: "Job created", status, ...about };
    const started: JobFrame = { type: "job_started", message: "Job started", status, ...about };
    const begun = progress.sent + progress.failed > 0;
    switch (status) {
      case "scheduled":
      case "pending":
        return [created, { type: "job_resumed", message: "Job resumed", status, ...about }];
      case "processing":
        return [started];
      case "paused":
        return [begun ? started : created, { type: "job_paused", message: "Job paused", status, ...about }];
      case "cancelled":
        return [{ type: "job_cancelled", message: "Job cancelled", status, ...about }];
      case "completed":
      case "failed":
        return [started, endFrame(this.#jobId, job)];
    }
  }
}

function caughtUp(jobId: string, progress: JobFigures): JobFrame {
  return {
    type: "progress",
    job_id: jobId,
    device_id: null,
    phone: "",
    status: "sent",
    progress,
    catch_up: true,
  };
}

function endFrame(jobId: string, { status, progress, results: given }: BulkJob): JobFrame {
  const { sent, failed, total } = progress;
  const results = given ?? { sent, failed, total, devices_used: 0, parallel_workers: 0 };
  const about = { job_id: jobId, progress, results };
  if (status !== "failed")
    return { type: "job_completed", message: "Job completed", status: "completed", ...about };
  return { type: "job_failed", message: "Job failed", error: "failed", status, ...about };
}
