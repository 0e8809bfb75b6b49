import { randomUUID } from "node:crypto";
import { monotonicMs } from "@pregonero/runtime";
import { Queue, QueueEvents, Worker } from "bullmq";

/** BullMQ with one job per message and a worker that does nothing. @returns ms */
export async function bareQueue(redisUrl: string, messages: number): Promise<number> {
  const name = `noop-${randomUUID()}`;
  const connection = { url: redisUrl, maxRetriesPerRequest: null };
  const queue = new Queue(name, { connection });
  for (let from = 0; from < messages; from += 5_000) {
    const jobs = Array.from({ length: Math.min(5_000, messages - from) }, (_, n) => ({
      name: "message",
      data: { id: from + n },
      opts: { removeOnComplete: true, removeOnFail: true },
    }));
    await queue.addBulk(jobs);
  }
  const events = new QueueEvents(name, { connection });
  await events.waitUntilReady();
  let done = 0;
  const startedAtMs = monotonicMs();
  const worker = new Worker(
    name,
    async () => {
      done += 1;
    },
    { connection, concurrency: 50 },
  );
  await new Promise<void>((resolve) => events.once("drained", () => resolve()));
  const tookMs = monotonicMs() - startedAtMs;
  if (done !== messages) throw new Error(`the bare queue did ${done} of ${messages}`);
  await worker.close();
  await events.close();
  await queue.close();
  return tookMs;
}
