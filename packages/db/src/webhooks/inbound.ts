import type { Queryable } from "../api/transaction.ts";
import { uuidv7 } from "../api/uuid.ts";

/** A message that somebody wrote to one of our devices. */
export interface InboundRow {
  readonly tenantId: number;
  readonly deviceId: number;
  readonly providerMessageId: string;
  /** E.164 digits without +. */
  readonly phone: string;
  /** The provider's word: text, image, button, … */
  readonly type: string;
  readonly text: string | null;
  readonly at: Date;
}

/** Stores what is new of them; the same message told twice is one row. Mutates. @returns the new ones */
export async function storeInbound(db: Queryable, messages: readonly InboundRow[]): Promise<InboundRow[]> {
  if (messages.length === 0) return [];
  const { rows } = await db.query<{ device_id: number; provider_message_id: string }>(
    `INSERT INTO inbound_messages (id, tenant_id, device_id, provider_message_id, phone, type, text, at)
     SELECT * FROM unnest($1::uuid[], $2::int[], $3::int[], $4::text[], $5::text[], $6::text[], $7::text[],
       $8::timestamptz[])
     ON CONFLICT (device_id, provider_message_id) DO NOTHING RETURNING device_id, provider_message_id`,
    [
      messages.map(() => uuidv7()),
      messages.map((message) => message.tenantId),
      messages.map((message) => message.deviceId),
      messages.map((message) => message.providerMessageId),
      messages.map((message) => message.phone),
      messages.map((message) => message.type),
      messages.map((message) => message.text),
      messages.map((message) => message.at),
    ],
  );
  const added = new Set(rows.map((row) => `${row.device_id} ${row.provider_message_id}`));
  return messages.filter(({ deviceId, providerMessageId }) =>
    added.delete(`${deviceId} ${providerMessageId}`),
  );
}
