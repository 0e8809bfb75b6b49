import { campaignPreviewSchema } from "@pregonero/contracts";
import { findTemplate, type Database } from "@pregonero/db";
import { parseTemplate } from "@pregonero/domain";
import { ApiProblem } from "../http/problem.ts";
import { defineRoute, reply, type Route } from "../http/route.ts";
import type { IntakeLimits } from "../intake/limits.ts";
import { previewAudience } from "./preview-audience.ts";
import { previewBody } from "./preview-body.ts";

export interface PreviewDeps {
  readonly db: Database;
  readonly country: string | undefined;
  readonly limits: IntakeLimits;
  readonly uploadDir: string;
}

export function previewRoute({ db, country, limits, uploadDir }: PreviewDeps): Route {
  return defineRoute({
    method: "post",
    path: "/api/v1/campaigns/preview",
    tag: "Campaigns",
    summary: "See what a CSV file would come to, and create nothing",
    description:
      "The same reading and the same rules as for creating a campaign: columns, first rows, who would be written to and who not, with line and reason. Duplicates and opted-out numbers count. A missing column is told in `obstacle`, so that a mapping can be chosen.",
    role: "operator",
    body: previewBody({ dir: uploadDir, limits }),
    responses: { 200: campaignPreviewSchema },
    problems: ["broken_csv", "template_invalid", "unknown_template"],
    handler: async ({ principal: { tenantId }, body: { form, file } }) => {
      const text = form.body ?? (await storedText(db, tenantId, form.template_id));
      const rules = {
        tenantId,
        template: parseTemplate(text),
        mapping: form.mapping,
        country,
        maxMessages: limits.maxMessages,
      };
      return reply(200, await previewAudience(db, file, rules));
    },
  });
}

async function storedText(db: Database, tenantId: number, id: string | undefined): Promise<string> {
  if (id === undefined) return "";
  const template = await findTemplate(db.pool, tenantId, id);
  if (!template) throw new ApiProblem("unknown_template", `There is no template with the id ${id}.`);
  return template.body;
}
