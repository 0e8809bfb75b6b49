import type { Transaction } from "../api/transaction.ts";
import { uuidv7 } from "../api/uuid.ts";

/** A message that somebody wrote to one of our devices, or that was typed on the phone of the device itself. */
export interface InboundRow {
  readonly tenantId: number;
  readonly deviceId: number;
  readonly providerMessageId: string;
  /** E.164 digits without +, or `<digits>@lid` while the provider hides the number. */
  readonly phone: string;
  /** What the provider calls a number that it hides, when the number is known. */
  readonly hiddenPhone: string | null;
  /** As they call themselves, when it is told. */
  readonly pushedName: string | null;
  /** The provider's word: text, image, button, … */
  readonly type: string;
  readonly text: string | null;
  readonly at: Date;
  readonly fromMe: boolean;
}

export interface Received {
  readonly id: string;
  readonly conversationId: string;
  /** It is the first of its conversation. */
  readonly begun: boolean;
}

/** Stores a message with all that follows from it, see `receive_message`; null when it was stored before. Mutates. */
export async function receiveMessage(tx: Transaction, row: InboundRow): Promise<Received | null> {
  const id = uuidv7();
  const { rows } = await tx.query<{ conversation_id: string; begun: boolean }>({
    name: "receive_message",
    text: "SELECT * FROM receive_message($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
    values: [
      id,
      row.tenantId,
      row.deviceId,
      row.providerMessageId,
      row.phone,
      row.hiddenPhone,
      row.pushedName,
      row.type,
      row.text,
      previewOf(row.text, row.type),
      row.at,
      row.fromMe,
    ],
  });
  const received = rows[0];
  return received ? { id, conversationId: received.conversation_id, begun: received.begun } : null;
}

const longestPreview = 120;

/** The first characters of a message, or its type when it has no words. */
export function previewOf(text: string | null, type: string): string {
  const words = (text ?? "").replaceAll(/\s+/g, " ").trim();
  if (words === "") return `[${type}]`;
  // By code points: half of an emoji is no text.
  return words.length <= longestPreview
    ? words
    : `${Array.from(words)
        .slice(0, longestPreview - 1)
        .join("")}…`;
}
