import { WebSocket } from "ws";
import { afterAll, beforeAll, expect, test } from "vitest";
import { PregoneroClient, PregoneroError, type JobFrame } from "../src/index.ts";
import { openApi, type RunningApi } from "./support/api.ts";

let api: RunningApi;
let live: PregoneroClient;
let polling: PregoneroClient;

beforeAll(async () => {
  api = await openApi();
  live = new PregoneroClient({ baseUrl: api.baseUrl, token: api.key, WebSocket });
  polling = new PregoneroClient({ baseUrl: api.baseUrl, token: api.key });
  await live.devices.create({ name: "ventas" });
});
afterAll(async () => {
  live.close();
  polling.close();
  await api.close();
});

const newJob = async (): Promise<string> => {
  const phones = ["+34600000001", "+34600000002", "+34600000003", "+34600000004"];
  return (await live.bulk.send({ message: "Hola", phones })).job.id;
};

/** What a worker commits; the API finds it in the row, no event is needed. */
async function commit(jobId: string, sent: number, failed = 0): Promise<void> {
  await api.db.pool.query(
    `UPDATE send_messages_jobs SET sent = $2, failed = $3,
       status = CASE WHEN $2::int + $3::int = total THEN 'completed' ELSE 'running' END::job_status WHERE id = $1`,
    [jobId, sent, failed],
  );
}

/** Moves the job on as soon as what was committed last has been told. */
async function followed(
  client: PregoneroClient,
  jobId: string,
  between?: () => Promise<void>,
): Promise<JobFrame[]> {
  const frames: JobFrame[] = [];
  let moved = false;
  for await (const frame of client.followJob(jobId, { pollMs: 50 })) {
    frames.push(frame);
    if (frame.type === "job_created") await commit(jobId, 1);
    if (frame.progress.sent === 1 && !moved) {
      moved = true;
      await between?.();
      await commit(jobId, 3, 1);
    }
  }
  return frames;
}

const types = (frames: readonly JobFrame[]) => frames.map(({ type }) => type);
const whole = ["job_created", "job_started", "progress", "progress", "job_completed"];

test("a job is followed live from its creation to its end, where the iteration ends by itself", async () => {
  const frames = await followed(live, await newJob());
  expect(types(frames)).toEqual(whole);
  expect(frames.at(-1)).toMatchObject({ results: { sent: 3, failed: 1, total: 4 } });
});

test("where no WebSocket can be had the same is told by polling, as often as it is asked", async () => {
  const frames = await followed(polling, await newJob());
  // The beginning and the first figures came in one answer.
  expect(types(frames)).toEqual(whole.toSpliced(2, 1));
  expect(frames.at(-1)).toMatchObject({ results: { sent: 3, failed: 1, total: 4 } });
});

test("a restart of the API in the middle of a job goes unnoticed", async () => {
  const frames = await followed(live, await newJob(), async () => {
    await api.stop();
    await api.start();
  });
  expect(types(frames)).toEqual(whole);
});

test("two followers of one job on one client are told the same", async () => {
  const jobId = await newJob();
  const [first, second] = await Promise.all([followed(live, jobId), followed(live, jobId)]);
  expect(types(first).at(-1)).toBe("job_completed");
  expect(types(second)).toEqual(types(first));
});

test("a job that has ended is told at once", async () => {
  const jobId = await newJob();
  await live.bulk.cancel(jobId);
  expect(types(await followed(live, jobId))).toEqual(["job_cancelled"]);
  expect(types(await followed(polling, jobId))).toEqual(["job_cancelled"]);
});

test.each([
  ["live", () => live],
  ["by polling", () => polling],
])("a job that does not exist is an error, %s", async (_, client) => {
  const follow = followed(client(), "00000000-0000-7000-8000-000000000000");
  await expect(follow).rejects.toMatchObject({ name: "PregoneroError", status: 404 });
});

test("wrong credentials are an error", async () => {
  const stranger = new PregoneroClient({ baseUrl: api.baseUrl, token: "pgn_wrong", WebSocket });
  const error = await followed(stranger, await newJob()).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(PregoneroError);
  expect(error).toMatchObject({ status: 401 });
});

test("an aborted signal ends the iteration without an error, and the connection with its last follower", async () => {
  const jobId = await newJob();
  const sockets: WebSocket[] = [];
  class Remembered extends WebSocket {
    constructor(url: string, protocols?: string[]) {
      super(url, protocols);
      sockets.push(this);
    }
  }
  const client = new PregoneroClient({ baseUrl: api.baseUrl, token: api.key, WebSocket: Remembered });
  const stop = new AbortController();
  const frames: JobFrame[] = [];
  for await (const frame of client.followJob(jobId, { signal: stop.signal })) {
    frames.push(frame);
    stop.abort();
  }
  expect(types(frames)).toEqual(["job_created"]);
  await expect.poll(() => sockets.map(({ readyState }) => readyState)).toEqual([WebSocket.CLOSED]);
});
