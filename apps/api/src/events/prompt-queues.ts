import type { TurnQueues } from "@pregonero/queue";

/** What the API asks of the queues. */
export type Queues = Pick<TurnQueues, "wake" | "counts" | "clean">;

/** While Redis is away a queue that was not used before waits for it for ever. */
const patienceMs = 2_000;

/** The queues, for callers that must not wait: what takes longer than two seconds rejects. */
export function promptQueues(queues: Queues): Queues {
  return {
    wake: (deviceId) => within(queues.wake(deviceId)),
    counts: (deviceIds) => within(queues.counts(deviceIds)),
    clean: (deviceId, olderThanMs) => within(queues.clean(deviceId, olderThanMs)),
  };
}

async function within<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new Error(`the queues did not answer within ${patienceMs} ms`)),
      patienceMs,
    );
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
