import type { PageEvent } from "./messages.ts";

/**
 * Hands events over in batches of JSON: `exposeFunction` takes plain values only, and each call of it costs a round
 * trip. Runs in the page (see page-script.ts: it can use nothing but its arguments and what a page has).
 */
export function createOutlet(deliver: (batch: string) => Promise<unknown>): (event: PageEvent) => void {
  const batchMs = 20;
  let batch: PageEvent[] = [];
  const flush = (): void => {
    const json = JSON.stringify(batch);
    batch = [];
    // Rejected when the worker has let go of the page: there is nobody left to tell.
    deliver(json).catch(() => undefined);
  };
  return (event) => {
    if (batch.push(event) === 1) setTimeout(flush, batchMs);
  };
}
