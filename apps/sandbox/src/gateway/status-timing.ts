import { shareOf } from "../network/fault-rules.ts";
import type { WebhookSettings } from "./fault-settings.ts";

export const ackStatuses = { 1: "sent", 2: "delivered", 3: "read" } as const;

interface ReceiptTimes {
  readonly delivered_after_ms: number;
  readonly read_after_ms: number;
}

/**
 * By how many ms a status is held back before it is told; null when it never is.
 * Out of order, the statuses of one message are held back so that each is overtaken by the next one.
 */
export function heldBackMs(
  id: string,
  status: string,
  webhook: WebhookSettings,
  { delivered_after_ms, read_after_ms }: ReceiptTimes,
): number | null {
  if (webhook.drop_share > 0 && shareOf(`${status}:${id}`) < webhook.drop_share) return null;
  if (!webhook.out_of_order) return 0;
  // What is told within the wait for a batch would go together.
  const marginMs = 2 * webhook.batch_wait_ms + 20;
  if (status === "sent") return 2 * (delivered_after_ms + read_after_ms + marginMs);
  return status === "delivered" ? 2 * read_after_ms + marginMs : 0;
}
