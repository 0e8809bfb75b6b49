import type { CrmEvent } from "@pregonero/contracts";
import { readTenantStats, type Database } from "@pregonero/db";
import type { EventBus } from "@pregonero/queue";
import type { Logger } from "@pregonero/runtime";

export interface StatsNewsDeps {
  readonly db: Database;
  readonly bus: Pick<EventBus, "atMostEvery">;
  readonly publish: (tenantId: number, event: CrmEvent) => Promise<void>;
  readonly log: Logger;
}

/** Between two `stats_updated` of a tenant, whoever tells them. */
const everyMs = 1_000;

/**
 * Tells a tenant's figures after they changed: once a second at most, over all processes, and the last change is told
 * in any case.
 */
export class StatsNews {
  readonly #deps: StatsNewsDeps;
  readonly #changed = new Set<number>();
  readonly #running = new Set<Promise<void>>();
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(deps: StatsNewsDeps) {
    this.#deps = deps;
  }

  changed(tenantId: number): void {
    if (this.#closed) return;
    this.#changed.add(tenantId);
    // A moment later, so that what belongs together is told together.
    this.#timer ??= setTimeout(() => this.#run(), 50);
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await Promise.all(this.#running);
  }

  #run(): void {
    const tenants = [...this.#changed];
    this.#changed.clear();
    const running: Promise<void> = Promise.all(tenants.map((tenantId) => this.#tell(tenantId))).then(() => {
      this.#running.delete(running);
      this.#timer =
        this.#changed.size > 0 && !this.#closed ? setTimeout(() => this.#run(), everyMs) : undefined;
    });
    this.#running.add(running);
  }

  async #tell(tenantId: number): Promise<void> {
    const { bus, db, publish, log } = this.#deps;
    try {
      // Somebody else told them within the last second: theirs may be older than this change.
      if (!(await bus.atMostEvery(`stats:${tenantId}`, everyMs))) this.#changed.add(tenantId);
      else
        await publish(tenantId, {
          type: "stats_updated",
          data: { stats: await readTenantStats(db.pool, tenantId) },
        });
    } catch (error) {
      log.warn("figures could not be told", { tenant: tenantId, error });
    }
  }
}
