import type { ChatMessage, Conversation } from "@pregonero/contracts";
import { keyVariables, parseTemplate, renderTemplate } from "@pregonero/domain";
import { decodeCursor, isTimeAndId, toJson, toPage, type Page } from "../api/rows.ts";
import type { Queryable } from "../api/transaction.ts";

/** A place in the history with the row that it stands for. Each is found by its primary key. */
const details = `
  LEFT JOIN messages m ON m.id = e.id AND e.origin IS NOT NULL AND e.origin <> 'phone'
  LEFT JOIN send_messages_jobs j ON j.id = m.job_id
  LEFT JOIN inbound_messages i ON i.id = e.id AND (e.origin IS NULL OR e.origin = 'phone')
  LEFT JOIN chat_media f ON f.id = coalesce(i.media_id, (j.content ->> 'media_id')::uuid)`;

const columns = `e.at, e.id, e.device_id, e.origin, m.state, m.error_code, m.job_id, m.text AS own_text, m.variables, j.body,
  j.content, i.type AS inbound_type, i.text AS inbound_text, f.id AS media_id, f.type AS media_type, f.content_type,
  f.filename, f.bytes, f.state AS media_state`;

interface Row {
  readonly at: string;
  readonly id: string;
  readonly device_id: number;
  readonly origin: ChatMessage["origin"];
  readonly state: ChatMessage["state"];
  readonly error_code: string | null;
  readonly job_id: string | null;
  readonly own_text: string | null;
  readonly variables: Record<string, string> | null;
  readonly body: string | null;
  readonly content: { kind: string; media_type?: string; caption?: string } | null;
  readonly inbound_type: string | null;
  readonly inbound_text: string | null;
  readonly media_id: string | null;
  readonly media_type: NonNullable<ChatMessage["media"]>["type"] | null;
  readonly content_type: string | null;
  readonly filename: string | null;
  readonly bytes: number | null;
  readonly media_state: NonNullable<ChatMessage["media"]>["state"] | null;
}

function toChatMessage(row: Row, conversationId: string): ChatMessage {
  const { id, device_id, origin, at } = row;
  const ours = origin !== null && origin !== "phone";
  return {
    id,
    conversation_id: conversationId,
    device_id,
    direction: origin === null ? "inbound" : "outbound",
    type: ours ? typeOf(row) : (row.inbound_type ?? "text"),
    text: ours ? textOf(row) : row.inbound_text,
    media: mediaOf(row),
    // What was typed on the phone itself is told after it was sent.
    state: origin === "phone" ? "sent" : row.state,
    error_code: row.error_code,
    origin,
    job_id: row.job_id,
    at,
  };
}

function typeOf({ content, media_type }: Row): string {
  if (content === null) return "text";
  return content.kind === "template" ? "template" : (media_type ?? content.media_type ?? "document");
}

function textOf({ own_text, body, variables, content }: Row): string | null {
  if (own_text !== null) return own_text;
  if (body === null || body === "") return content?.caption ?? null;
  return renderTemplate(parseTemplate(body), keyVariables(variables ?? {}));
}

function mediaOf(row: Row): ChatMessage["media"] {
  const { media_id: id, media_type: type, content_type, media_state: state, filename, bytes } = row;
  if (id === null || type === null || content_type === null || state === null) return null;
  return { id, type, content_type, filename, bytes, state };
}

/** What was said, newest first, messages of campaigns included. The conversation must be the tenant's. */
export async function listChatMessages(
  db: Queryable,
  conversation: Pick<Conversation, "id" | "device_id" | "phone">,
  page: { limit: number; cursor?: string | undefined },
): Promise<Page<ChatMessage>> {
  const before = decodeCursor(page.cursor, isTimeAndId);
  const { rows } = await db.query<object>({
    name: before ? "chat_messages_before" : "chat_messages",
    // The page is cut out of the index alone before anything is looked up.
    text: `WITH e AS MATERIALIZED (
        SELECT * FROM chat_entries e WHERE e.device_id = $1 AND e.phone = $2
          ${before ? "AND (e.at, e.id) < ($4::timestamptz, $5::uuid)" : ""}
        ORDER BY e.at DESC, e.id DESC LIMIT $3)
      SELECT ${columns} FROM e ${details} ORDER BY e.at DESC, e.id DESC`,
    values: [conversation.device_id, conversation.phone, page.limit + 1, ...(before ?? [])],
  });
  return toPage(
    rows.map((row) => toChatMessage(toJson<Row>(row), conversation.id)),
    page.limit,
    (message) => [message.at, message.id],
  );
}

/** One message of a conversation, as it stands; null when the conversation has no such message. */
export async function findChatMessage(
  db: Queryable,
  conversation: Pick<Conversation, "id" | "device_id" | "phone">,
  id: string,
): Promise<ChatMessage | null> {
  const { rows } = await db.query<object>({
    name: "find_chat_message",
    // Newest first: it is asked for right after it was written.
    text: `SELECT ${columns} FROM (
        SELECT * FROM chat_entries e WHERE e.device_id = $1 AND e.phone = $2 AND e.id = $3
        ORDER BY e.at DESC LIMIT 1) e ${details}`,
    values: [conversation.device_id, conversation.phone, id],
  });
  return rows[0] ? toChatMessage(toJson<Row>(rows[0]), conversation.id) : null;
}

/** Conversations of these devices and numbers, those that there are. */
export async function findConversationsOf(
  db: Queryable,
  keys: readonly { readonly deviceId: number; readonly phone: string }[],
): Promise<ReadonlyMap<string, string>> {
  const { rows } = await db.query<{ id: string; device_id: number; phone: string }>({
    name: "find_conversations_of",
    text: `SELECT c.id, c.device_id, c.phone FROM unnest($1::int[], $2::text[]) AS k (device_id, phone)
      JOIN conversations c ON c.device_id = k.device_id AND c.phone = k.phone`,
    values: [keys.map(({ deviceId }) => deviceId), keys.map(({ phone }) => phone)],
  });
  return new Map(rows.map((row) => [conversationKey(row.device_id, row.phone), row.id]));
}

export function conversationKey(deviceId: number, phone: string): string {
  return `${deviceId} ${phone}`;
}
