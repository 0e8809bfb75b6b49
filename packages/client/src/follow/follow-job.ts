import type { BulkJob, JobFrame } from "@pregonero/contracts";
import { PregoneroError } from "../http/pregonero-error.ts";
import type { JobConnection } from "../realtime/job-connection.ts";
import { FrameQueue } from "./frame-queue.ts";
import { JobStory } from "./job-story.ts";

export interface FollowOptions {
  /** Ends the iteration, without an error. */
  readonly signal?: AbortSignal;
  /** How often to ask while there is no live connection, ms. Default 2,000. */
  readonly pollMs?: number;
}

export interface FollowSources {
  readonly connection: JobConnection;
  readonly getJob: (signal: AbortSignal) => Promise<BulkJob>;
}

/** A live connection gets so long to come up before the first question is asked by polling. */
const graceMs = 1_500;

/**
 * Everything that happens to a job, until its end: live, and by polling for as long as there is no live connection.
 * @throws PregoneroError when there is no such job, or it may not be seen
 */
export async function* followJob(
  jobId: string,
  sources: FollowSources,
  options: FollowOptions = {},
): AsyncGenerator<JobFrame, void> {
  const { connection, getJob } = sources;
  const story = new JobStory(jobId.toLowerCase());
  const queue = new FrameQueue<JobFrame>();
  const stop = new AbortController();
  const tell = (frames: JobFrame[]): void => {
    queue.push(frames);
    if (story.ended) queue.end();
  };
  const ended = (): void => queue.end();
  options.signal?.addEventListener("abort", ended);
  if (options.signal?.aborted) queue.end();
  const unsubscribe = connection.subscribe(jobId, {
    frame: (frame) => tell(story.live(frame)),
    refused: (error, code) => {
      if (code === "unknown_job") queue.fail(new PregoneroError(404, null, error));
    },
  });
  void pollWhileAway(connection, stop.signal, options.pollMs ?? 2_000, async () => {
    tell(story.polled(await getJob(stop.signal)));
  }).catch((error: unknown) => queue.fail(error));
  try {
    yield* queue.read();
  } finally {
    stop.abort();
    unsubscribe();
    options.signal?.removeEventListener("abort", ended);
  }
}

/** Resolves when stopped; rejects with what will not get better by asking again. */
async function pollWhileAway(
  connection: JobConnection,
  stop: AbortSignal,
  pollMs: number,
  ask: () => Promise<void>,
): Promise<void> {
  await pause(connection.possible ? graceMs : 0, stop);
  while (!stop.aborted) {
    if (connection.state !== "connected") {
      try {
        await ask();
      } catch (error) {
        if (!stop.aborted && !isPassing(error)) throw error;
      }
    }
    await pause(pollMs, stop);
  }
}

/** No answer, overload and trouble of the server's own pass; a 4xx does not. */
function isPassing(error: unknown): boolean {
  return (
    error instanceof PregoneroError && (error.status === 0 || error.status === 429 || error.status >= 500)
  );
}

function pause(ms: number, stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (stop.aborted) return resolve();
    const done = (): void => {
      clearTimeout(timer);
      stop.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    stop.addEventListener("abort", done);
  });
}
