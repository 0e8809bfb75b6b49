import { fleetSchema } from "@pregonero/contracts";
import { listFleetDevices, listStuck, listWorkers, readTotalDepth, type Database } from "@pregonero/db";
import { defineRoute, reply, type Route } from "../http/route.ts";

export interface FleetDeps {
  readonly db: Database;
}

export function fleetRoutes({ db }: FleetDeps): Route[] {
  return [
    defineRoute({
      method: "get",
      path: "/api/v1/fleet",
      tag: "Overview",
      summary: "Workers, devices with their contexts and what waits for them, and what is stuck",
      description: "The same that the views `v_device_health`, `v_queue_depth` and `v_stuck` tell in SQL.",
      role: "viewer",
      responses: { 200: fleetSchema },
      handler: async ({ principal: { tenantId } }) => {
        const [workers, devices, total, stuck] = await Promise.all([
          listWorkers(db, tenantId),
          listFleetDevices(db, tenantId),
          readTotalDepth(db, tenantId),
          listStuck(db, tenantId),
        ]);
        return reply(200, { workers, devices, total, stuck });
      },
    }),
  ];
}
