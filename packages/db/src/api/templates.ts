import {
  providerTemplateSchema,
  type Template,
  type TemplateCreate,
  type TemplatePatch,
} from "@pregonero/contracts";
import { parseTemplate, variablesOf } from "@pregonero/domain";
import type { Database } from "../database.ts";
import type { Template as TemplateModel } from "../generated/client.ts";
import { decodeCursor, isUuid, toPage, type Page } from "./rows.ts";
import type { Queryable } from "./transaction.ts";
import { uuidv7 } from "./uuid.ts";

type StoredTemplate = Pick<
  TemplateModel,
  "id" | "name" | "language" | "body" | "provider" | "createdAt" | "updatedAt"
>;

function toTemplate(row: StoredTemplate): Template {
  return {
    id: row.id,
    name: row.name,
    language: row.language,
    body: row.body,
    variables: variablesOf(parseTemplate(row.body)).map(({ name, fallback }) => ({
      name,
      default: fallback,
    })),
    provider: row.provider === null ? null : providerTemplateSchema.parse(row.provider),
    created_at: row.createdAt.toISOString(),
    updated_at: row.updatedAt.toISOString(),
  };
}

/** Newest first. */
export async function listTemplates(
  db: Database,
  tenantId: number,
  page: { limit: number; cursor?: string | undefined },
): Promise<Page<Template>> {
  const before = decodeCursor(page.cursor, isUuid)?.[0];
  const rows = await db.prisma.template.findMany({
    where: { tenantId, ...(before === undefined ? {} : { id: { lt: before } }) },
    orderBy: { id: "desc" },
    take: page.limit + 1,
  });
  return toPage(rows.map(toTemplate), page.limit, (template) => [template.id]);
}

const columns = `id, name, language, body, provider, created_at AS "createdAt", updated_at AS "updatedAt"`;

export async function findTemplate(db: Queryable, tenantId: number, id: string): Promise<Template | null> {
  const { rows } = await db.query<StoredTemplate>(
    `SELECT ${columns} FROM templates WHERE tenant_id = $1 AND id = $2`,
    [tenantId, id],
  );
  return rows[0] ? toTemplate(rows[0]) : null;
}

/** A template by name; of several languages the one asked for, else the one that was made first. */
export async function findTemplateByName(
  db: Queryable,
  tenantId: number,
  name: string,
  language?: string,
): Promise<Template | null> {
  const { rows } = await db.query<StoredTemplate>(
    `SELECT ${columns} FROM templates WHERE tenant_id = $1 AND name = $2 AND ($3::text IS NULL OR language = $3)
     ORDER BY id LIMIT 1`,
    [tenantId, name, language ?? null],
  );
  return rows[0] ? toTemplate(rows[0]) : null;
}

/** The body must be a template. Rejects with a unique violation when the tenant has one of that name and language. */
export async function createTemplate(
  tx: Queryable,
  tenantId: number,
  request: TemplateCreate,
): Promise<Template> {
  const { rows } = await tx.query<StoredTemplate>(
    `INSERT INTO templates (id, tenant_id, name, language, body, provider, updated_at)
     VALUES ($1, $2, $3, $4, $5, $6, clock_timestamp())
     RETURNING ${columns}`,
    [uuidv7(), tenantId, request.name, request.language, request.body, request.provider ?? null],
  );
  const [row] = rows;
  if (!row) throw new Error("the template was not stored");
  return toTemplate(row);
}

/** Campaigns keep the text that they were planned with. @returns null when the tenant has no such template */
export async function patchTemplate(
  tx: Queryable,
  tenantId: number,
  id: string,
  patch: TemplatePatch,
): Promise<Template | null> {
  const { rows } = await tx.query<StoredTemplate>(
    `UPDATE templates SET name = coalesce($3, name), language = coalesce($4, language), body = coalesce($5, body),
       provider = CASE WHEN $6 THEN $7::jsonb ELSE provider END, updated_at = clock_timestamp()
     WHERE tenant_id = $1 AND id = $2
     RETURNING ${columns}`,
    [
      tenantId,
      id,
      patch.name ?? null,
      patch.language ?? null,
      patch.body ?? null,
      patch.provider !== undefined,
      patch.provider ?? null,
    ],
  );
  return rows[0] ? toTemplate(rows[0]) : null;
}

export async function deleteTemplate(tx: Queryable, tenantId: number, id: string): Promise<boolean> {
  const { rowCount } = await tx.query("DELETE FROM templates WHERE tenant_id = $1 AND id = $2", [
    tenantId,
    id,
  ]);
  return rowCount === 1;
}
