import type { BotRule, BotRulePatch, BotStatus } from "@pregonero/contracts";
import { decodeCursor, toJson, toPage, type Page } from "../api/rows.ts";
import type { Queryable, Transaction } from "../api/transaction.ts";
import { uuidv7 } from "../api/uuid.ts";
import type { Database } from "../database.ts";

const columns = `id, name, kind, keywords, match, reply, device_ids, enabled, position, cooldown_minutes, created_at,
  updated_at`;

export type NewBotRule = Omit<BotRule, "id" | "created_at" | "updated_at">;

function isPlace(parts: unknown): parts is readonly [number, string] {
  return (
    Array.isArray(parts) &&
    parts.length === 2 &&
    Number.isSafeInteger(parts[0]) &&
    typeof parts[1] === "string" &&
    /^[\da-f-]{36}$/i.test(parts[1])
  );
}

/** In the order in which they are asked. */
export async function listBotRules(
  db: Database,
  tenantId: number,
  page: { limit: number; cursor?: string | undefined },
): Promise<Page<BotRule>> {
  const after = decodeCursor(page.cursor, isPlace);
  const { rows } = await db.pool.query<object>(
    `SELECT ${columns} FROM bot_rules WHERE tenant_id = $1 AND ($2::int IS NULL OR (position, id) > ($2, $3::uuid))
     ORDER BY position, id LIMIT $4`,
    [tenantId, after?.[0] ?? null, after?.[1] ?? null, page.limit + 1],
  );
  return toPage(
    rows.map((row) => toJson<BotRule>(row)),
    page.limit,
    (rule) => [rule.position, rule.id],
  );
}

export async function findBotRule(db: Queryable, tenantId: number, id: string): Promise<BotRule | null> {
  const { rows } = await db.query<object>(
    `SELECT ${columns} FROM bot_rules WHERE tenant_id = $1 AND id = $2`,
    [tenantId, id],
  );
  return rows[0] ? toJson<BotRule>(rows[0]) : null;
}

/** Mutates. */
export async function addBotRule(tx: Transaction, tenantId: number, rule: NewBotRule): Promise<BotRule> {
  const { rows } = await tx.query<object>(
    `INSERT INTO bot_rules (id, tenant_id, kind, name, keywords, match, reply, device_ids, enabled, position,
       cooldown_minutes) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING ${columns}`,
    [uuidv7(), tenantId, rule.kind, ...valuesOf(rule)],
  );
  return toJson<BotRule>(rows[0] ?? {});
}

/** Null when the tenant has no such rule. Mutates. */
export async function patchBotRule(
  tx: Transaction,
  tenantId: number,
  id: string,
  patch: BotRulePatch,
): Promise<BotRule | null> {
  const rule = await findBotRule(tx, tenantId, id);
  if (!rule) return null;
  const { rows } = await tx.query<object>(
    `UPDATE bot_rules SET name = $3, keywords = $4, match = $5, reply = $6, device_ids = $7, enabled = $8, position = $9,
       cooldown_minutes = $10, updated_at = clock_timestamp() WHERE tenant_id = $1 AND id = $2 RETURNING ${columns}`,
    [tenantId, id, ...valuesOf({ ...rule, ...(patch as Partial<NewBotRule>) })],
  );
  return rows[0] ? toJson<BotRule>(rows[0]) : null;
}

function valuesOf(rule: NewBotRule): unknown[] {
  return [
    rule.name,
    JSON.stringify(rule.keywords),
    rule.match,
    rule.reply,
    rule.device_ids === null ? null : JSON.stringify(rule.device_ids),
    rule.enabled,
    rule.position,
    rule.cooldown_minutes,
  ];
}

/** Mutates. @returns whether there was one */
export async function deleteBotRule(tx: Transaction, tenantId: number, id: string): Promise<boolean> {
  const { rowCount } = await tx.query("DELETE FROM bot_rules WHERE tenant_id = $1 AND id = $2", [
    tenantId,
    id,
  ]);
  return rowCount === 1;
}

/** Whether each device of the tenant is answered for; off where nobody has turned it on. */
export async function listBotStatus(db: Queryable, tenantId: number): Promise<BotStatus[]> {
  const { rows } = await db.query<object>(
    `SELECT d.id AS device_id, coalesce(b.enabled, false) AS enabled, coalesce(b.updated_at, d.created_at) AS updated_at
     FROM devices d LEFT JOIN bot_devices b ON b.device_id = d.id
     WHERE d.tenant_id = $1 AND d.deleted_at IS NULL ORDER BY d.id`,
    [tenantId],
  );
  return rows.map((row) => toJson<BotStatus>(row));
}

/** The device must be the tenant's. Mutates. */
export async function writeBotStatus(
  tx: Transaction,
  deviceId: number,
  enabled: boolean,
): Promise<BotStatus> {
  const { rows } = await tx.query<object>(
    `INSERT INTO bot_devices (device_id, enabled, updated_at) VALUES ($1, $2, clock_timestamp())
     ON CONFLICT (device_id) DO UPDATE SET enabled = $2, updated_at = clock_timestamp()
     RETURNING device_id, enabled, updated_at`,
    [deviceId, enabled],
  );
  return toJson<BotStatus>(rows[0] ?? {});
}
