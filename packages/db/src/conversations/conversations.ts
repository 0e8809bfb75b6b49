import type { Conversation, ConversationPatch } from "@pregonero/contracts";
import { decodeCursor, isTimeAndId, toJson, toPage, type Page } from "../api/rows.ts";
import type { Queryable, Transaction } from "../api/transaction.ts";
import { uuidv7 } from "../api/uuid.ts";
import type { Database } from "../database.ts";

const columns = `c.id, c.device_id, c.contact_id, c.phone, coalesce(k.name, k.pushed_name) AS contact_name, c.status,
  c.unread_count, coalesce(c.handed_over_until > clock_timestamp(), false) AS handed_over, c.last_inbound, c.last_preview,
  c.last_at, c.created_at, c.updated_at`;

type Row = Omit<Conversation, "last_message"> & {
  readonly last_inbound: boolean | null;
  readonly last_preview: string | null;
  readonly last_at: string;
};

function toConversation(row: object): Conversation & { readonly sortedAt: string } {
  const { last_inbound, last_preview, last_at, ...conversation } = toJson<Row>(row);
  const direction = last_inbound === true ? ("inbound" as const) : ("outbound" as const);
  return {
    ...conversation,
    last_message: last_inbound === null ? null : { direction, preview: last_preview ?? "", at: last_at },
    sortedAt: last_at,
  };
}

const plain = ({ sortedAt: _sortedAt, ...conversation }: ReturnType<typeof toConversation>): Conversation =>
  conversation;

export interface ConversationFilters {
  readonly deviceId?: number | undefined;
  readonly status?: Conversation["status"] | undefined;
  /** Only those with unread messages. */
  readonly unread?: boolean | undefined;
  /** Part of the contact's name, or the beginning of the number. */
  readonly search?: string | undefined;
}

/** Those with the newest messages first. */
export async function listConversations(
  db: Database,
  tenantId: number,
  page: ConversationFilters & { limit: number; cursor?: string | undefined },
): Promise<Page<Conversation>> {
  const before = decodeCursor(page.cursor, isTimeAndId);
  const values: unknown[] = [tenantId, page.limit + 1];
  const conditions = ["c.tenant_id = $1"];
  const add = (condition: (at: string) => string, value: unknown): void => {
    values.push(value);
    conditions.push(condition(`$${values.length}`));
  };
  if (page.deviceId !== undefined) add((at) => `c.device_id = ${at}`, page.deviceId);
  if (page.status !== undefined) add((at) => `c.status = ${at}::conversation_status`, page.status);
  if (page.unread === true) conditions.push("c.unread_count > 0");
  const searched = searchCondition(page.search, add);
  if (before) {
    add((at) => `(c.last_at, c.id) < (${at}::timestamptz, $${values.length + 1}::uuid)`, before[0]);
    values.push(before[1]);
  }
  const { rows } = await db.pool.query<object>(
    `SELECT ${columns} FROM conversations c JOIN contacts k ON k.id = c.contact_id
     WHERE ${[...conditions, ...searched].join(" AND ")} ORDER BY c.last_at DESC, c.id DESC LIMIT $2`,
    values,
  );
  const found = toPage(rows.map(toConversation), page.limit, (item) => [item.sortedAt, item.id]);
  return { ...found, items: found.items.map(plain) };
}

function searchCondition(
  search: string | undefined,
  add: (condition: (at: string) => string, value: unknown) => void,
): string[] {
  if (search === undefined) return [];
  const digits = search.replaceAll(/\D/g, "");
  const name = (at: string): string => `coalesce(k.name, k.pushed_name) ILIKE ${at}`;
  if (digits === "" || /\p{L}/u.test(search)) add(name, `%${likeText(search)}%`);
  else add((at) => `(c.phone LIKE ${at} || '%' OR ${name(`'%' || ${at} || '%'`)})`, digits);
  return [];
}

/** What stands for itself in a LIKE pattern. */
export function likeText(text: string): string {
  return text.replaceAll(/[\\%_]/g, (sign) => `\\${sign}`);
}

export async function findConversation(
  db: Queryable,
  tenantId: number,
  id: string,
): Promise<Conversation | null> {
  const { rows } = await db.query<object>({
    name: "find_conversation",
    text: `SELECT ${columns} FROM conversations c JOIN contacts k ON k.id = c.contact_id
      WHERE c.tenant_id = $1 AND c.id = $2`,
    values: [tenantId, id],
  });
  return rows[0] ? plain(toConversation(rows[0])) : null;
}

/** What decides whether a person may answer in a conversation. */
export interface ReplyTerms {
  readonly conversation: Conversation;
  /** Its device was deleted: nobody can answer from it. */
  readonly deviceGone: boolean;
  /** The number wants no more messages. */
  readonly suppressed: boolean;
  /** Its owner has written since it was suppressed. */
  readonly wroteSince: boolean;
}

/** Null when the tenant has no such conversation. */
export async function readReplyTerms(
  db: Queryable,
  tenantId: number,
  id: string,
): Promise<ReplyTerms | null> {
  const { rows } = await db.query<{ device_gone: boolean; suppressed: boolean; wrote_since: boolean }>({
    name: "read_reply_terms",
    text: `SELECT ${columns}, NOT EXISTS (SELECT 1 FROM devices d WHERE d.id = c.device_id AND d.deleted_at IS NULL)
        AS device_gone, s.phone IS NOT NULL AS suppressed, s.phone IS NOT NULL AND coalesce(
        -- By when they were stored: the opt-out itself is of the same transaction as its suppression.
        (SELECT max(i.created_at) FROM inbound_messages i
          WHERE i.tenant_id = $1 AND i.phone = c.phone AND NOT i.from_me) > s.created_at, false) AS wrote_since
      FROM conversations c JOIN contacts k ON k.id = c.contact_id
      LEFT JOIN suppressions s ON s.tenant_id = c.tenant_id AND s.phone = c.phone
      WHERE c.tenant_id = $1 AND c.id = $2`,
    values: [tenantId, id],
  });
  const [row] = rows;
  if (!row) return null;
  const { device_gone: deviceGone, suppressed, wrote_since: wroteSince, ...conversation } = row;
  return { conversation: plain(toConversation(conversation)), deviceGone, suppressed, wroteSince };
}

/** The conversation of a device and a number, begun when there is none. Mutates. */
export async function beginConversation(
  tx: Transaction,
  tenantId: number,
  wanted: { deviceId: number; phone: string; contactName: string | null },
): Promise<{ id: string; begun: boolean }> {
  const { rows } = await tx.query<{ id: string; begun: boolean }>(
    `INSERT INTO conversations AS c (id, tenant_id, device_id, contact_id, phone)
     VALUES ($1, $2, $3, contact_of($2, $4, NULL), $4)
     ON CONFLICT (device_id, phone) DO UPDATE SET status = 'open', updated_at = clock_timestamp()
     RETURNING c.id, c.xmax = 0 AS begun`,
    [uuidv7(), tenantId, wanted.deviceId, wanted.phone],
  );
  const made = rows[0];
  if (!made) throw new Error("a conversation that was just made is not there");
  if (wanted.contactName !== null) {
    await tx.query(
      "UPDATE contacts SET name = $3, updated_at = clock_timestamp() WHERE tenant_id = $1 AND phone = $2",
      [tenantId, wanted.phone, wanted.contactName],
    );
  }
  return made;
}

/** @returns whether there is such a conversation. Mutates. */
export async function patchConversation(
  tx: Transaction,
  tenantId: number,
  id: string,
  patch: ConversationPatch,
): Promise<boolean> {
  const { rowCount } = await tx.query(
    `UPDATE conversations c SET
       status = coalesce($3::conversation_status, c.status),
       unread_count = CASE WHEN $3 = 'closed' THEN 0 ELSE c.unread_count END,
       handed_over_until = CASE $4::boolean WHEN true THEN clock_timestamp() + hand_over_for(c.tenant_id)
         WHEN false THEN NULL ELSE c.handed_over_until END,
       updated_at = clock_timestamp()
     WHERE c.tenant_id = $1 AND c.id = $2`,
    [tenantId, id, patch.status ?? null, patch.handed_over ?? null],
  );
  return rowCount === 1;
}

/**
 * Marks all its messages as read. Mutates.
 * @returns what the provider is to be told: the newest message of theirs; null when nothing was unread
 */
export async function markConversationRead(
  tx: Transaction,
  conversation: Conversation,
): Promise<{ deviceId: number; phone: string; providerMessageId: string } | null> {
  const { rowCount } = await tx.query(
    "UPDATE conversations SET unread_count = 0, updated_at = clock_timestamp() WHERE id = $1 AND unread_count > 0",
    [conversation.id],
  );
  if (rowCount !== 1) return null;
  const { rows } = await tx.query<{ id: string }>(
    `SELECT i.provider_message_id AS id FROM chat_entries e JOIN inbound_messages i ON i.id = e.id
     WHERE e.device_id = $1 AND e.phone = $2 AND e.origin IS NULL ORDER BY e.at DESC, e.id DESC LIMIT 1`,
    [conversation.device_id, conversation.phone],
  );
  const newest = rows[0];
  if (!newest) return null;
  return { deviceId: conversation.device_id, phone: conversation.phone, providerMessageId: newest.id };
}
