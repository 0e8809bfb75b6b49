import { tenantSettingsPatchSchema, tenantSettingsSchema } from "@pregonero/contracts";
import {
  readTenantSettings,
  transaction,
  writeAudit,
  writeTenantSettings,
  type Database,
} from "@pregonero/db";
import { jsonBody } from "../http/body.ts";
import { validationProblem } from "../http/issues.ts";
import { defineRoute, reply, type Route } from "../http/route.ts";

const tag = "Settings";
const path = "/api/v1/settings";

export function settingsRoutes(deps: { readonly db: Database }): Route[] {
  return [getRoute(deps), patchRoute(deps)];
}

function getRoute({ db }: { readonly db: Database }): Route {
  return defineRoute({
    method: "get",
    path,
    tag,
    summary: "Get what holds for all jobs of the tenant",
    role: "viewer",
    responses: { 200: tenantSettingsSchema },
    handler: async ({ principal }) => reply(200, await readTenantSettings(db.pool, principal.tenantId)),
  });
}

function patchRoute({ db }: { readonly db: Database }): Route {
  return defineRoute({
    method: "patch",
    path,
    tag,
    summary: "Change what holds for all jobs of the tenant",
    role: "admin",
    body: jsonBody(tenantSettingsPatchSchema),
    responses: { 200: tenantSettingsSchema },
    handler: async ({ principal, body }) => {
      const settings = await transaction(db, async (tx) => {
        const old = await readTenantSettings(tx, principal.tenantId);
        const {
          max_running_jobs = old.max_running_jobs,
          language = old.language,
          notify = old.notify,
        } = body;
        checkLimit(max_running_jobs, old.max_running_jobs_allowed);
        await writeTenantSettings(tx, principal.tenantId, { max_running_jobs, language, notify });
        await writeAudit(tx, principal, {
          action: "settings.patch",
          subject: "settings",
          detail: { ...body },
        });
        return await readTenantSettings(tx, principal.tenantId);
      });
      return reply(200, settings);
    },
  });
}

/** A tenant may ask for less than the platform gives it, never for more. */
function checkLimit(wanted: number | null, allowed: number | null): void {
  if (wanted === null || allowed === null || wanted <= allowed) return;
  const message = `is more than the platform allows, which is ${allowed}`;
  throw validationProblem([{ path: "max_running_jobs", message }]);
}
