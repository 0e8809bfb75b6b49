import { meSchema } from "@pregonero/contracts";
import { findTenantName, type Database } from "@pregonero/db";
import { apiVersion } from "../env.ts";
import { notFound } from "../http/problem.ts";
import { defineRoute, reply, type Route } from "../http/route.ts";
import type { IntakeLimits } from "../intake/limits.ts";

export interface MeDeps {
  readonly db: Database;
  readonly auth: "open" | "required";
  readonly country: string | undefined;
  readonly limits: IntakeLimits;
}

/** What a user interface asks first. */
export function meRoutes({ db, auth, country, limits }: MeDeps): Route[] {
  return [
    defineRoute({
      method: "get",
      path: "/api/v1/me",
      tag: "Account",
      summary: "Who the caller is",
      role: "viewer",
      responses: { 200: meSchema },
      handler: async ({ principal: { actor, role, tenantId } }) => {
        const tenant = await findTenantName(db, tenantId);
        if (!tenant) throw notFound("such tenant");
        return reply(200, {
          actor,
          role,
          tenant,
          auth,
          version: apiVersion,
          default_country: country ?? null,
          limits: { max_messages: limits.maxMessages, max_file_bytes: limits.maxFileBytes },
        });
      },
    }),
  ];
}
