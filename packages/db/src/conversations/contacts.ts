import type { Contact, ContactPatch } from "@pregonero/contracts";
import { decodeCursor, isUuid, toJson, toPage, type Page } from "../api/rows.ts";
import type { Queryable, Transaction } from "../api/transaction.ts";
import type { Database } from "../database.ts";
import { likeText } from "./conversations.ts";

const columns = `k.id, k.phone, coalesce(k.name, k.pushed_name) AS name, k.notes,
  EXISTS (SELECT 1 FROM suppressions s WHERE s.tenant_id = k.tenant_id AND s.phone = k.phone) AS opted_out,
  k.created_at, k.updated_at`;

/** By id. */
export async function listContacts(
  db: Database,
  tenantId: number,
  page: { search?: string | undefined; limit: number; cursor?: string | undefined },
): Promise<Page<Contact>> {
  const after = decodeCursor(page.cursor, isUuid)?.[0] ?? null;
  const digits = page.search?.replaceAll(/\D/g, "") ?? "";
  const { rows } = await db.pool.query<object>(
    `SELECT ${columns} FROM contacts k WHERE k.tenant_id = $1 AND ($2::uuid IS NULL OR k.id > $2)
       AND ($3::text IS NULL OR coalesce(k.name, k.pushed_name) ILIKE $3 OR k.phone LIKE $4)
     ORDER BY k.id LIMIT $5`,
    [
      tenantId,
      after,
      page.search === undefined ? null : `%${likeText(page.search)}%`,
      digits === "" ? null : `${digits}%`,
      page.limit + 1,
    ],
  );
  return toPage(
    rows.map((row) => toJson<Contact>(row)),
    page.limit,
    (contact) => [contact.id],
  );
}

export async function findContact(db: Queryable, tenantId: number, id: string): Promise<Contact | null> {
  const { rows } = await db.query<object>(
    `SELECT ${columns} FROM contacts k WHERE k.tenant_id = $1 AND k.id = $2`,
    [tenantId, id],
  );
  return rows[0] ? toJson<Contact>(rows[0]) : null;
}

/** Null when the tenant has no such contact. Mutates. */
export async function patchContact(
  tx: Transaction,
  tenantId: number,
  id: string,
  patch: ContactPatch,
): Promise<Contact | null> {
  await tx.query(
    `UPDATE contacts SET name = CASE WHEN $3 THEN $4 ELSE name END, notes = CASE WHEN $5 THEN $6 ELSE notes END,
       updated_at = clock_timestamp() WHERE tenant_id = $1 AND id = $2`,
    [
      tenantId,
      id,
      patch.name !== undefined,
      patch.name ?? null,
      patch.notes !== undefined,
      patch.notes ?? null,
    ],
  );
  return await findContact(tx, tenantId, id);
}

/** Conversations that show this contact. */
export async function conversationsOfContact(db: Queryable, contactId: string): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>(
    "SELECT id FROM conversations WHERE contact_id = $1 LIMIT 100",
    [contactId],
  );
  return rows.map(({ id }) => id);
}
