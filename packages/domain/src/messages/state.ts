/**
 * The life of a message. The same table stands in SQL (`message_may_become`), where the rows move; a test holds the two
 * together. Drawn in docs/state-machines.md.
 */
export const messageStates = [
  "queued",
  "sending",
  "retrying",
  "unknown",
  "sent",
  "delivered",
  "read",
  "failed",
  "cancelled",
  "skipped",
] as const;

export type MessageState = (typeof messageStates)[number];

const next: Readonly<Record<MessageState, readonly MessageState[]>> = {
  queued: ["sending", "cancelled", "skipped"],
  retrying: ["sending", "cancelled", "skipped"],
  sending: ["sent", "delivered", "read", "retrying", "failed", "unknown"],
  unknown: ["sent", "delivered", "read", "retrying", "failed"],
  // A provider that took a message may still report that it could not deliver it.
  sent: ["delivered", "read", "failed"],
  delivered: ["read"],
  // By the operator's word, or because an ack came after we had given the message up.
  failed: ["retrying", "sent", "delivered", "read"],
  read: [],
  cancelled: [],
  skipped: [],
};

export function mayBecome(from: MessageState, to: MessageState): boolean {
  return next[from].includes(to);
}
