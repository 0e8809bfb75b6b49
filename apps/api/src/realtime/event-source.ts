import type { BusListener, NumberedEvent, Position } from "@pregonero/queue";

/** The part of the event bus that is needed here. */
export interface EventSource {
  subscribe(channel: string, listener: BusListener): () => void;
  onReconnected(listener: () => void): void;
  onLost(listener: () => void): void;
  /** Whether events flow now. */
  readonly ready: boolean;
  /** Where the stream of a channel stands. Rejects while Redis is away. */
  head(channel: string): Promise<Position>;
  /** At most `limit` entries after a position; null when that cannot be told. Rejects while Redis is away. */
  after(channel: string, from: Position, limit: number): Promise<NumberedEvent[] | null>;
}
