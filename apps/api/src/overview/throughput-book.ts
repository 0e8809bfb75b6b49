import type { ThroughputMinute } from "@pregonero/contracts";
import type { MinuteOfMoves } from "@pregonero/db";

const minuteMs = 60_000;
const minutesKept = 60;
/** Moves are written with the database's clock and a moment later: a minute is final this long after its end. */
const settledAfterMs = 15_000;
/** The present minute is asked for again at most this often, however many look at it. */
const freshForMs = 2_000;

export interface BookDeps {
  readonly read: (fromMs: number, toMs: number) => Promise<MinuteOfMoves[]>;
  readonly now?: () => number;
}

/**
 * The last hour's moves by minute. The history has no index for the question, but a minute that is over never changes, so
 * each is read once, for all tenants, and remembered.
 */
export class ThroughputBook {
  readonly #deps: BookDeps;
  readonly #now: () => number;
  #moves: MinuteOfMoves[] = [];
  /** Every minute that began before is final. */
  #finalUntilMs = 0;
  #readMs = 0;
  #reading: Promise<void> | undefined;

  constructor(deps: BookDeps) {
    this.#deps = deps;
    this.#now = deps.now ?? Date.now;
  }

  /** Sixty minutes, the present one last. */
  async of(tenantId: number): Promise<ThroughputMinute[]> {
    const nowMs = this.#now();
    if (nowMs - this.#readMs >= freshForMs) {
      this.#reading ??= this.#refresh(nowMs).finally(() => (this.#reading = undefined));
      await this.#reading;
    }
    const own = new Map(
      this.#moves.filter((minute) => minute.tenantId === tenantId).map((minute) => [minute.minuteMs, minute]),
    );
    const first = floorMinute(nowMs) - (minutesKept - 1) * minuteMs;
    return Array.from({ length: minutesKept }, (_, index) => {
      const atMs = first + index * minuteMs;
      const { sent = 0, delivered = 0, read = 0, failed = 0 } = own.get(atMs) ?? {};
      return { at: new Date(atMs).toISOString(), sent, delivered, read, failed };
    });
  }

  async #refresh(nowMs: number): Promise<void> {
    const oldest = floorMinute(nowMs) - (minutesKept - 1) * minuteMs;
    const from = Math.max(this.#finalUntilMs, oldest);
    // Beyond now: the database's clock may be ahead of ours.
    const read = await this.#deps.read(from, nowMs + minuteMs);
    this.#moves = [
      ...this.#moves.filter((minute) => minute.minuteMs >= oldest && minute.minuteMs < from),
      ...read,
    ];
    this.#finalUntilMs = floorMinute(nowMs - settledAfterMs);
    this.#readMs = nowMs;
  }
}

function floorMinute(ms: number): number {
  return Math.floor(ms / minuteMs) * minuteMs;
}
