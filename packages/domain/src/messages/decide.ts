/** What a failed attempt leads to. The one place where retry, snooze and fail are told apart. */

/**
 * Why a message was proved not sent.
 * - `not_on_whatsapp`, `invalid_recipient`, `rejected`: this recipient, for good
 * - `provider_temporary`: may work later
 * - `not_started`: the call never began
 * - `device_disconnected`, `device_banned`: this device cannot send now, another may
 * - `device_refused`: the provider refuses this device (credentials, permission, payment, locked, not registered)
 * - `rate_limited`: this device is too fast; it backs off
 * - `spam_limited`: the provider limits this device as a spammer; it pauses until somebody has looked at it
 * - `recipient_rate_limited`: this recipient has had too many messages; later
 * - `opted_out`: this recipient wants no messages, from any device; belongs on the suppression list
 * - `needs_template`: this recipient can only be sent a template now
 * - `template_rejected`: the template is at fault, for every recipient of the campaign
 */
export type SendFailureCode =
  | "not_on_whatsapp"
  | "invalid_recipient"
  | "rejected"
  | "provider_temporary"
  | "not_started"
  | "device_disconnected"
  | "device_banned"
  | "device_refused"
  | "rate_limited"
  | "spam_limited"
  | "recipient_rate_limited"
  | "opted_out"
  | "needs_template"
  | "template_rejected";

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
/** A message that met a limit waits at least so long, or the limit is met again at once. */
const rateLimitedMs = 5_000;

export function decide(failed: FailedAttempt): Verdict {
  switch (failed.code) {
    case "not_on_whatsapp":
    case "invalid_recipient":
    case "rejected":
    case "opted_out":
    case "needs_template":
    case "template_rejected":
      return { kind: "fail" };
    case "provider_temporary":
      return retry(failed, backOff(failed.attempt, failed.random));
    case "recipient_rate_limited":
      return retry(failed, recipientBackOff(failed.attempt));
    case "not_started":
    case "device_disconnected":
    case "device_banned":
    case "device_refused":
    case "spam_limited":
      return { kind: "snooze", delayMs: failed.retryAfterMs ?? snoozeMs };
    case "rate_limited":
      return { kind: "snooze", delayMs: failed.retryAfterMs ?? rateLimitedMs };
  }
}

function retry(failed: FailedAttempt, delayMs: number): Verdict {
  if (failed.attempt >= failed.maxAttempts) return { kind: "fail" };
  return { kind: "retry", delayMs: failed.retryAfterMs ?? delayMs };
}

/** `4^n` s after the n-th try, as Meta asks for of a pair of numbers that has talked too much: 4 s, 16 s, 64 s … */
function recipientBackOff(attempt: number): number {
  return Math.min(1_000 * 4 ** attempt, retryMaxMs);
}

/** Exponential with jitter over its upper half: spread out, yet never at once. */
function backOff(attempt: number, random: number): number {
  const ceiling = Math.min(retryBaseMs * 2 ** (attempt - 1), retryMaxMs);
  return Math.round(ceiling / 2 + (ceiling / 2) * random);
}
