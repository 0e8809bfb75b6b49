import type { BusEvent } from "@pregonero/contracts";
import type { NumberedEvent, Position } from "@pregonero/queue";

/** Consecutive entries of a stream that are told together. */
export interface StreamBatch {
  /** Number of the first event; those of the others follow. */
  readonly first: number;
  /** After the last one. */
  readonly position: Position;
  readonly events: readonly BusEvent[];
}

/** No batch has more events than that, unless a single entry does. */
const mostEvents = 1_000;

/** @param entries each following the one before */
export function batchesOf(entries: readonly NumberedEvent[]): StreamBatch[] {
  const batches: StreamBatch[] = [];
  let together: NumberedEvent[] = [];
  for (const [index, entry] of entries.entries()) {
    together.push(entry);
    const first = together[0]?.first ?? entry.first;
    const next = entries[index + 1];
    if (next && next.position.number - first < mostEvents) continue;
    batches.push({ first, position: entry.position, events: together.map(({ event }) => event) });
    together = [];
  }
  return batches;
}
