/** What a failed attempt leads to. The one place where retry, snooze and fail are told apart. */

/**
 * Why a message was proved not sent.
 * - `not_on_whatsapp`, `invalid_recipient`, `rejected`: this recipient, for good
 * - `provider_temporary`: may work later
 * - `not_started`: the call never began
 * - `device_disconnected`, `device_banned`: this device cannot send now, another may
 */
export type SendFailureCode =
  | "not_on_whatsapp"
  | "invalid_recipient"
  | "rejected"
  | "provider_temporary"
  | "not_started"
  | "device_disconnected"
  | "device_banned";

export interface FailedAttempt {
  readonly code: SendFailureCode;
  /** Attempts so far, this one included. */
  readonly attempt: number;
  readonly maxAttempts: number;
  /** The provider's own word on when to try again, ms. */
  readonly retryAfterMs?: number;
  /** Uniform in [0, 1). */
  readonly random: number;
}

/**
 * - `retry`: later, spends the attempt
 * - `snooze`: later, spends nothing
 * - `fail`: never again
 */
export type Verdict =
  | { readonly kind: "retry"; readonly delayMs: number }
  | { readonly kind: "snooze"; readonly delayMs: number }
  | { readonly kind: "fail" };

/** First back-off; doubles with each attempt. */
const retryBaseMs = 2_000;
const retryMaxMs = 10 * 60_000;
/** A message whose device went away is free at once for the others, but not so fast that a broken fleet spins. */
const snoozeMs = 500;

export function decide(failed: FailedAttempt): Verdict {
  switch (failed.code) {
    case "not_on_whatsapp":
    case "invalid_recipient":
    case "rejected":
      return { kind: "fail" };
    case "provider_temporary":
      if (failed.attempt >= failed.maxAttempts) return { kind: "fail" };
      return { kind: "retry", delayMs: failed.retryAfterMs ?? backOff(failed.attempt, failed.random) };
    case "not_started":
    case "device_disconnected":
    case "device_banned":
      return { kind: "snooze", delayMs: failed.retryAfterMs ?? snoozeMs };
  }
}

/** Exponential with jitter over its upper half: spread out, yet never at once. */
function backOff(attempt: number, random: number): number {
  const ceiling = Math.min(retryBaseMs * 2 ** (attempt - 1), retryMaxMs);
  return Math.round(ceiling / 2 + (ceiling / 2) * random);
}
