import type { ChatMessage, FileContent } from "@pregonero/contracts";
import type { Transaction } from "../api/transaction.ts";
import { uuidv7 } from "../api/uuid.ts";
import { previewOf } from "./receive.ts";

export interface NewAnswer {
  readonly conversationId: string;
  readonly origin: Extract<NonNullable<ChatMessage["origin"]>, "reply" | "bot">;
  readonly text: string | null;
  /** Sent instead of the text. */
  readonly content: FileContent | null;
  /** For the preview, when there are no words. */
  readonly type: string;
  /** Who wrote it, as in the audit log. */
  readonly by: string;
  /** Goes also to a number that is suppressed. */
  readonly pastOptOut: boolean;
}

export interface PlacedAnswer {
  readonly jobId: string;
  readonly messageId: string;
}

/**
 * Puts an answer into its conversation, to be sent before all campaigns of the device; see `place_answer`. Mutates.
 * @returns null when there is no such conversation
 */
export async function placeAnswer(tx: Transaction, answer: NewAnswer): Promise<PlacedAnswer | null> {
  const placed = { jobId: uuidv7(), messageId: uuidv7() };
  const { text, content, type } = answer;
  const { rows } = await tx.query<{ at: Date | null }>({
    name: "place_answer",
    text: "SELECT place_answer($1, $2, $3, $4, $5, $6, $7::chat_origin, $8, $9) AS at",
    values: [
      answer.conversationId,
      placed.jobId,
      placed.messageId,
      text,
      content === null ? null : JSON.stringify(content),
      previewOf(text ?? content?.caption ?? null, type),
      answer.origin,
      answer.by,
      answer.pastOptOut,
    ],
  });
  return (rows[0]?.at ?? null) === null ? null : placed;
}
