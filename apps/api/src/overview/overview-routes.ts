import { overviewSchema } from "@pregonero/contracts";
import { listActiveJobs, listCommonFailures, listDeviceHealth, type Database } from "@pregonero/db";
import { defineRoute, reply, type Route } from "../http/route.ts";
import type { ThroughputBook } from "./throughput-book.ts";

export interface OverviewDeps {
  readonly db: Database;
  readonly throughput: ThroughputBook;
}

const jobsShown = 20;
const failuresShown = 10;

export function overviewRoutes({ db, throughput }: OverviewDeps): Route[] {
  return [
    defineRoute({
      method: "get",
      path: "/api/v1/overview",
      tag: "Overview",
      summary: "What is going on: throughput, running jobs, devices, failures",
      role: "viewer",
      responses: { 200: overviewSchema },
      handler: async ({ principal: { tenantId } }) => {
        const [minutes, jobs, devices, failures] = await Promise.all([
          throughput.of(tenantId),
          listActiveJobs(db, tenantId, jobsShown),
          listDeviceHealth(db, tenantId),
          listCommonFailures(db, tenantId, failuresShown),
        ]);
        return reply(200, { throughput: minutes, jobs, devices, failures });
      },
    }),
  ];
}
