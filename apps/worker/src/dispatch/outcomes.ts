import type { ClaimedMessage, Outcome } from "@pregonero/db";
import { decide } from "@pregonero/domain";
import type { SendFailure, SendOutcome } from "../channels/channel.ts";

/** What the dispatcher writes for the end of a send. Pure. */
export function outcomeOf(
  message: Pick<ClaimedMessage, "providerMessageId" | "attempt" | "maxAttempts">,
  ended: SendOutcome,
  context: { settleMs: number; at: Date; random: number },
): Outcome {
  const { providerMessageId } = message;
  const { at, settleMs } = context;
  switch (ended.kind) {
    case "sent":
      // Ack 0: it is in the provider's own outbox and may still go out; its ack or a lookup tells.
      if (ended.ack === "pending") {
        return { providerMessageId, state: "unknown", errorCode: "awaiting_ack", settleMs, at };
      }
      return { providerMessageId, state: ended.ack, at };
    case "ambiguous":
      return {
        providerMessageId,
        state: "unknown",
        errorCode: "outcome_unknown",
        errorDetail: ended.reason,
        settleMs,
        at,
      };
    case "refused":
      return refusedOutcome(message, ended.failure, context);
  }
}

/** A message that was proved not sent: tried again, or failed. */
export function refusedOutcome(
  message: Pick<ClaimedMessage, "providerMessageId" | "attempt" | "maxAttempts">,
  failure: SendFailure,
  context: { at: Date; random: number },
): Outcome {
  const { providerMessageId, attempt, maxAttempts } = message;
  const verdict = decide({
    code: failure.code,
    attempt,
    maxAttempts,
    random: context.random,
    ...(failure.retryAfterMs === undefined ? {} : { retryAfterMs: failure.retryAfterMs }),
  });
  const why = { errorCode: failure.code, errorDetail: failure.detail, at: context.at };
  switch (verdict.kind) {
    case "fail":
      return { providerMessageId, state: "failed", ...why };
    case "retry":
      return { providerMessageId, state: "retrying", dueMs: verdict.delayMs, ...why };
    case "snooze":
      return { providerMessageId, state: "retrying", dueMs: verdict.delayMs, refund: true, ...why };
  }
}

/** A claim that was never begun goes back as it was. */
export function releasedOutcome(
  providerMessageId: string,
  at: Date,
  errorCode = "released",
  dueMs = 0,
): Outcome {
  return { providerMessageId, state: "retrying", dueMs, refund: true, errorCode, at };
}
