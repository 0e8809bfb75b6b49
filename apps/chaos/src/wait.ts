import { sleep } from "@pregonero/runtime";

const pollMs = 50;

/** Where time ran out before something held. */
class NotInTime extends Error {
  override readonly name = "NotInTime";
}

/**
 * Polls until it holds. What is asked may be down at the moment: an error counts as "not yet".
 * @returns how long it took, ms
 * @throws NotInTime
 */
export async function until(what: string, holds: () => Promise<boolean>, withinMs: number): Promise<number> {
  const startMs = performance.now();
  let last: unknown;
  for (;;) {
    try {
      if (await holds()) return performance.now() - startMs;
      last = undefined;
    } catch (error) {
      last = error;
    }
    if (performance.now() - startMs > withinMs) {
      const why = last instanceof Error ? ` (${last.message})` : "";
      throw new NotInTime(`${what}: not within ${withinMs} ms${why}`, { cause: last });
    }
    await sleep(pollMs);
  }
}
