import type { JobFrame } from "@pregonero/contracts";

/** By type, so that a frame that this version does not know is told from one that it does. */
const jobFrameTypes: Readonly<Record<JobFrame["type"], true>> = {
  job_created: true,
  job_started: true,
  job_paused: true,
  job_resumed: true,
  job_cancelled: true,
  job_completed: true,
  job_failed: true,
  progress: true,
  error: true,
};

/** A message's failure is a job's frame; a refusal is the connection's. Both are called `error`; only this has a code. */
export function isJobFrame(frame: object): frame is JobFrame {
  return (
    "type" in frame && typeof frame.type === "string" && frame.type in jobFrameTypes && !("code" in frame)
  );
}

/** A request about a job that the server could not meet. */
interface Refusal {
  readonly job_id: string;
  readonly error: string;
  readonly code: string;
}

export function isRefusal(
  frame: Readonly<Record<string, unknown>>,
): frame is Readonly<Record<string, unknown>> & Refusal {
  return ["job_id", "error", "code"].every((field) => typeof frame[field] === "string");
}

/** @returns undefined for anything that is not a frame */
export function parseFrame(data: unknown): object | undefined {
  if (typeof data !== "string") return undefined;
  try {
    const frame: unknown = JSON.parse(data);
    return typeof frame === "object" && frame !== null && !Array.isArray(frame) ? frame : undefined;
  } catch {
    return undefined;
  }
}
