import {
  pageOf,
  pageQuery,
  templateCreateSchema,
  templatePatchSchema,
  templatePreviewRequestSchema,
  templatePreviewSchema,
  templateSchema,
  type ProviderTemplate,
} from "@pregonero/contracts";
import {
  createTemplate,
  deleteTemplate,
  findTemplate,
  isUniqueViolation,
  listTemplates,
  patchTemplate,
  transaction,
  writeAudit,
  type Database,
} from "@pregonero/db";
import { keyVariables, missingVariables, parseTemplate, renderTemplate } from "@pregonero/domain";
import { z } from "zod";
import { contentTemplate } from "../campaigns/content-template.ts";
import { jsonBody } from "../http/body.ts";
import { createOnce } from "../http/idempotency.ts";
import { ApiProblem, notFound } from "../http/problem.ts";
import { defineRoute, reply, type Route } from "../http/route.ts";
import { givenVariables } from "../intake/given-variables.ts";

export interface TemplateDeps {
  readonly db: Database;
}

const tag = "Templates";
const path = "/api/v1/templates/{id}";
const params = z.object({ id: z.uuid() });
const noSuchTemplate = (id: string): ApiProblem => notFound(`template with the id ${id}`);

export function templateRoutes(deps: TemplateDeps): Route[] {
  return [
    createRoute(deps),
    listRoute(deps),
    getRoute(deps),
    patchRoute(deps),
    deleteRoute(deps),
    previewRoute(deps),
  ];
}

function nameTaken(error: unknown): never {
  if (!isUniqueViolation(error)) throw error;
  throw new ApiProblem("name_taken", "There is a template of that name in that language already.");
}

/** @throws TemplateError when a parameter is not a template */
function parseProvider(provider: ProviderTemplate | null | undefined): void {
  if (provider) contentTemplate({ kind: "template", ...provider });
}

function createRoute({ db }: TemplateDeps): Route {
  return defineRoute({
    method: "post",
    path: "/api/v1/templates",
    tag,
    summary: "Create a template",
    role: "operator",
    body: jsonBody(templateCreateSchema),
    idempotent: true,
    responses: { 201: templateSchema },
    problems: ["name_taken", "template_invalid"],
    handler: async ({ principal, body, idempotency }) => {
      parseTemplate(body.body);
      parseProvider(body.provider);
      return await createOnce(db, { tenantId: principal.tenantId, idempotency }, async (tx) => {
        const made = await createTemplate(tx, principal.tenantId, body).catch(nameTaken);
        await writeAudit(tx, principal, { action: "template.create", subject: `template:${made.id}` });
        return { made, reply: reply(201, made) };
      });
    },
  });
}

function listRoute({ db }: TemplateDeps): Route {
  return defineRoute({
    method: "get",
    path: "/api/v1/templates",
    tag,
    summary: "List templates, newest first",
    role: "viewer",
    query: pageQuery({}),
    responses: { 200: pageOf(templateSchema) },
    handler: async ({ principal, query }) => reply(200, await listTemplates(db, principal.tenantId, query)),
  });
}

function getRoute({ db }: TemplateDeps): Route {
  return defineRoute({
    method: "get",
    path,
    tag,
    summary: "Get a template",
    role: "viewer",
    params,
    responses: { 200: templateSchema },
    handler: async ({ principal, params: { id } }) => {
      const template = await findTemplate(db.pool, principal.tenantId, id);
      if (!template) throw noSuchTemplate(id);
      return reply(200, template);
    },
  });
}

function patchRoute({ db }: TemplateDeps): Route {
  return defineRoute({
    method: "patch",
    path,
    tag,
    summary: "Change a template",
    description: "Campaigns that exist keep the text that they were planned with.",
    role: "operator",
    params,
    body: jsonBody(templatePatchSchema),
    responses: { 200: templateSchema },
    problems: ["name_taken", "template_invalid"],
    handler: async ({ principal, params: { id }, body }) => {
      if (body.body !== undefined) parseTemplate(body.body);
      parseProvider(body.provider);
      const template = await transaction(db, async (tx) => {
        const changed = await patchTemplate(tx, principal.tenantId, id, body).catch(nameTaken);
        if (!changed) throw noSuchTemplate(id);
        const detail = { changed: Object.keys(body) };
        await writeAudit(tx, principal, { action: "template.change", subject: `template:${id}`, detail });
        return changed;
      });
      return reply(200, template);
    },
  });
}

function deleteRoute({ db }: TemplateDeps): Route {
  return defineRoute({
    method: "delete",
    path,
    tag,
    summary: "Delete a template",
    role: "operator",
    params,
    responses: { 204: null },
    handler: async ({ principal, params: { id } }) => {
      await transaction(db, async (tx) => {
        if (!(await deleteTemplate(tx, principal.tenantId, id))) throw noSuchTemplate(id);
        await writeAudit(tx, principal, { action: "template.delete", subject: `template:${id}` });
      });
      return reply(204, null);
    },
  });
}

function previewRoute({ db }: TemplateDeps): Route {
  return defineRoute({
    method: "post",
    path: `${path}/preview`,
    tag,
    summary: "See what a recipient would get",
    role: "viewer",
    params,
    body: jsonBody(templatePreviewRequestSchema),
    responses: { 200: templatePreviewSchema },
    handler: async ({ principal, params: { id }, body }) => {
      const stored = await findTemplate(db.pool, principal.tenantId, id);
      if (!stored) throw noSuchTemplate(id);
      const template = parseTemplate(stored.body);
      const variables = keyVariables(givenVariables(body.variables));
      const missing = missingVariables(template, variables);
      return reply(200, { text: missing.length > 0 ? null : renderTemplate(template, variables), missing });
    },
  });
}
