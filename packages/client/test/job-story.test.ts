import type { BulkJob, JobFrame } from "@pregonero/contracts";
import { describe, expect, test } from "vitest";
import { JobStory } from "../src/follow/job-story.ts";

const jobId = "00000000-0000-4000-8000-000000000000";
const figures = (sent: number, failed = 0) => ({ sent, failed, total: 10, percentage: (sent + failed) * 10 });

function started(sent: number, status: "processing" | "paused" = "processing"): JobFrame {
  return { type: "job_started", job_id: jobId, message: "", status, progress: figures(sent) };
}
function turn(type: "job_created" | "job_paused" | "job_resumed" | "job_cancelled", sent = 0): JobFrame {
  const status = {
    job_created: "pending",
    job_paused: "paused",
    job_resumed: "processing",
    job_cancelled: "cancelled",
  } as const;
  return { type, job_id: jobId, message: "", status: status[type], progress: figures(sent) };
}
function progress(sent: number): JobFrame {
  return {
    type: "progress",
    job_id: jobId,
    device_id: 1,
    phone: "1",
    status: "sent",
    progress: figures(sent),
  };
}
function polled(status: BulkJob["status"], sent: number, failed = 0): BulkJob {
  return {
    id: jobId,
    status,
    created_at: "2026-01-01T00:00:00Z",
    started_at: null,
    completed_at: null,
    total_numbers: 10,
    devices_limit: 5,
    progress: figures(sent, failed),
  };
}
const told = (frames: readonly JobFrame[]) => frames.map(({ type, progress: { sent } }) => `${type} ${sent}`);

function live(...frames: readonly JobFrame[]): { story: JobStory; told: string[] } {
  const story = new JobStory(jobId);
  return { story, told: told(frames.flatMap((frame) => story.live(frame))) };
}

describe("live", () => {
  test("an undisturbed story is told as it is", () => {
    const frames = [
      turn("job_created"),
      started(0),
      progress(1),
      turn("job_paused", 1),
      turn("job_resumed", 1),
      progress(2),
      turn("job_cancelled", 2),
    ];
    expect(live(...frames).told).toEqual(told(frames));
  });

  test("after a loss the present state is told as what was missed", () => {
    expect(live(started(0), progress(1), started(4), progress(5)).told).toEqual([
      "job_started 0",
      "progress 1",
      "progress 4",
      "progress 5",
    ]);
  });

  test("after a loss without news nothing is told", () => {
    expect(live(started(0), progress(1), started(1), progress(2)).told).toEqual([
      "job_started 0",
      "progress 1",
      "progress 2",
    ]);
  });

  test("a pause that is still on after a loss is not told again, one that has ended is told to have", () => {
    expect(live(started(1), turn("job_paused", 1), started(1, "paused"), turn("job_paused", 1)).told).toEqual(
      ["job_started 1", "job_paused 1"],
    );
    expect(live(started(1), turn("job_paused", 1), started(3)).told).toEqual([
      "job_started 1",
      "job_paused 1",
      "job_resumed 3",
      "progress 3",
    ]);
  });

  test("nothing follows the end", () => {
    const { story, told: so } = live(started(0), turn("job_cancelled"), progress(1), turn("job_cancelled"));
    expect(so).toEqual(["job_started 0", "job_cancelled 0"]);
    expect(story.ended).toBe(true);
    expect(story.polled(polled("cancelled", 1))).toEqual([]);
  });
});

describe("polled", () => {
  const all = (...answers: readonly BulkJob[]) => {
    const story = new JobStory(jobId);
    return told(answers.flatMap((answer) => story.polled(answer)));
  };

  test("a job from its creation to its end", () => {
    expect(
      all(
        polled("pending", 0),
        polled("pending", 0),
        polled("processing", 0),
        polled("processing", 3),
        polled("processing", 3),
        polled("paused", 4),
        polled("paused", 4),
        polled("processing", 5),
        polled("completed", 9, 1),
      ),
    ).toEqual([
      "job_created 0",
      "job_started 0",
      "progress 3",
      "progress 4",
      "job_paused 4",
      "job_resumed 5",
      "progress 5",
      "progress 9",
      "job_completed 9",
    ]);
  });

  test.each([
    ["completed", ["job_started 10", "job_completed 10"]],
    ["failed", ["job_started 10", "job_failed 10"]],
    ["cancelled", ["job_cancelled 10"]],
  ] as const)("a job that is %s already", (status, expected) => {
    expect(all(polled(status, 10))).toEqual(expected);
  });

  test("what was live is not told again by an answer, and the other way round", () => {
    const story = new JobStory(jobId);
    const frames = [
      ...story.live(started(0)),
      ...story.live(progress(1)),
      ...story.polled(polled("processing", 1)),
      ...story.polled(polled("processing", 3)),
      ...story.live(progress(2)),
      ...story.live(progress(4)),
    ];
    expect(told(frames)).toEqual(["job_started 0", "progress 1", "progress 3", "progress 4"]);
  });
});
