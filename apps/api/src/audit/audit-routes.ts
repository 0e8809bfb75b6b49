import { auditEntrySchema, auditQueryFilters, pageOf, pageQuery } from "@pregonero/contracts";
import { listAudit, type Database } from "@pregonero/db";
import { defineRoute, reply, type Route } from "../http/route.ts";

export interface AuditDeps {
  readonly db: Database;
}

export function auditRoutes({ db }: AuditDeps): Route[] {
  return [
    defineRoute({
      method: "get",
      path: "/api/v1/audit",
      tag: "Audit",
      summary: "Who changed what, newest first",
      role: "admin",
      query: pageQuery(auditQueryFilters),
      responses: { 200: pageOf(auditEntrySchema) },
      handler: async ({ principal, query }) => reply(200, await listAudit(db, principal.tenantId, query)),
    }),
  ];
}
