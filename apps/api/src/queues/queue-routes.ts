import { queuesCleanedSchema, queuesCleanSchema, queuesSchema, type QueueStats } from "@pregonero/contracts";
import { readBacklog, transaction, writeAudit, type Database, type TenantBacklog } from "@pregonero/db";
import type { TurnQueues } from "@pregonero/queue";
import { jsonBody } from "../http/body.ts";
import { ApiProblem } from "../http/problem.ts";
import { defineRoute, reply, type Route } from "../http/route.ts";

export interface QueueDeps {
  readonly db: Database;
  readonly queues: Pick<TurnQueues, "counts" | "clean">;
}

const tag = "Queues";

export function queueRoutes(deps: QueueDeps): Route[] {
  return [statsRoute(deps), cleanRoute(deps)];
}

/** Without Redis there are no figures; the work itself goes on. */
function queuesAway(): never {
  throw new ApiProblem(
    "unavailable",
    "The queues cannot be asked at the moment. No message is lost by that.",
  );
}

function statsRoute({ db, queues }: QueueDeps): Route {
  return defineRoute({
    method: "get",
    path: "/api/v1/queues",
    tag,
    summary: "Count what is in the queues",
    role: "viewer",
    responses: { 200: queuesSchema },
    problems: ["unavailable"],
    handler: async ({ principal }) => {
      const backlog = await readBacklog(db, principal.tenantId);
      return reply(200, { queues: await statsOf(queues, backlog), messages: backlog.messages });
    },
  });
}

async function statsOf(queues: QueueDeps["queues"], { devices }: TenantBacklog): Promise<QueueStats[]> {
  const counts = await queues.counts(devices.map(({ deviceId }) => deviceId)).catch(queuesAway);
  return devices.flatMap(({ deviceId, name, waiting }, index) => {
    const count = counts[index];
    return count ? [{ device_id: deviceId, device_name: name, ...count, queued_messages: waiting }] : [];
  });
}

function cleanRoute({ db, queues }: QueueDeps): Route {
  return defineRoute({
    method: "post",
    path: "/api/v1/queues/clean",
    tag,
    summary: "Remove finished queue jobs older than a given age",
    description: "Turns in the queue only: jobs, messages and their history are not touched.",
    role: "admin",
    body: jsonBody(queuesCleanSchema),
    responses: { 200: queuesCleanedSchema },
    problems: ["unavailable"],
    handler: async ({ principal, body: { older_than_ms: olderThanMs } }) => {
      const { devices } = await readBacklog(db, principal.tenantId);
      let removed = 0;
      for (const { deviceId } of devices)
        removed += await queues.clean(deviceId, olderThanMs).catch(queuesAway);
      const detail = { older_than_ms: olderThanMs, removed };
      await transaction(db, (tx) =>
        writeAudit(tx, principal, { action: "queues.clean", subject: "queues", detail }),
      );
      return reply(200, { removed });
    },
  });
}
