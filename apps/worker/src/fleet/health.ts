import type { Database } from "@pregonero/db";
import type { EventBus } from "@pregonero/queue";
import { startHealthServer, type HealthServer, type Metrics } from "@pregonero/runtime";
import type { WorkerEnv } from "../env.ts";

/** Liveness, readiness and metrics of a worker. Without Redis it is ready all the same: it waits for it. */
export function openHealth(
  env: WorkerEnv,
  parts: { db: Database; bus: EventBus; registry: Metrics["registry"] },
): Promise<HealthServer> {
  const { db, bus, registry } = parts;
  return startHealthServer({
    host: env.HEALTH_HOST,
    port: env.HEALTH_PORT,
    registry,
    ready: async () => {
      const database = await db.pool.query("SELECT 1").then(
        () => true,
        () => false,
      );
      return {
        ok: database,
        checks: { database: database ? "ok" : "down", redis: bus.ready ? "ok" : "down" },
      };
    },
  });
}
