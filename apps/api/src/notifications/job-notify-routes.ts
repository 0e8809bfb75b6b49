import { notifySchema, type Notify } from "@pregonero/contracts";
import {
  findJobType,
  readJobNotify,
  transaction,
  writeAudit,
  writeJobNotify,
  type Database,
} from "@pregonero/db";
import { z } from "zod";
import { jsonBody } from "../http/body.ts";
import { notFound } from "../http/problem.ts";
import { defineRoute, reply, type Route } from "../http/route.ts";

const tag = "Notifications";
const path = "/api/v1/jobs/{id}/notify";
const params = z.object({ id: z.uuid() });
const nobody: Notify = { email: [], webhook_url: null, on: ["completed", "failed", "paused"] };

/** Who is told of one job, of either kind. */
export function jobNotifyRoutes(deps: { readonly db: Database }): Route[] {
  return [getRoute(deps), putRoute(deps)];
}

function getRoute({ db }: { readonly db: Database }): Route {
  return defineRoute({
    method: "get",
    path,
    tag,
    summary: "Get who is told what of a job, beside what the tenant has settled for all",
    role: "operator",
    params,
    responses: { 200: notifySchema },
    handler: async ({ principal, params: { id } }) => {
      const type = await findJobType(db.pool, principal.tenantId, id);
      if (type === null) throw notFound(`job with the id ${id}`);
      return reply(200, (await readJobNotify(db.pool, id)) ?? nobody);
    },
  });
}

function putRoute({ db }: { readonly db: Database }): Route {
  return defineRoute({
    method: "put",
    path,
    tag,
    summary: "Settle who is told what of a job",
    description: "Of a campaign's job or of a batch job, at any time before the thing happens.",
    role: "operator",
    params,
    body: jsonBody(notifySchema),
    responses: { 200: notifySchema },
    handler: async ({ principal, params: { id }, body }) => {
      await transaction(db, async (tx) => {
        const type = await findJobType(tx, principal.tenantId, id);
        if (type === null) throw notFound(`job with the id ${id}`);
        await writeJobNotify(tx, { id, tenantId: principal.tenantId, type }, body);
        const detail = { ...body };
        await writeAudit(tx, principal, { action: "job.notify", subject: `job:${id}`, detail });
      });
      return reply(200, body);
    },
  });
}
